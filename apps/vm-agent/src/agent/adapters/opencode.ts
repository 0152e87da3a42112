/** OpenCode: a program of its own, configured by one variable. */
import { join } from "node:path";

import type { TurnUsage } from "@sam/domain/usage";
import { z } from "zod";

import type { AgentAdapter, LaunchFile } from "./agent-adapter.ts";
import { catalogModel } from "./catalog-model.ts";
import { answerReader, cachedBesideInput, responseUsage } from "./usage-readers.ts";

/** OpenCode asks for the limits of a model that it does not know; more than these is summarised earlier than needed. */
const modelLimits = { context: 200_000, output: 32_000 };

export const opencode: AgentAdapter = {
  model: catalogModel("opencode"),
  launch: ({ home, model, modelUrl, modelToken }) => ({
    args: ["acp"],
    env: {
      OPENCODE_CONFIG_CONTENT: JSON.stringify(configuration(model ?? "", modelUrl, modelToken)),
      // A repository must not say who the model is, nor what is asked.
      OPENCODE_DISABLE_PROJECT_CONFIG: "1",
      // Nor run programs in it, as plugins.
      OPENCODE_PURE: "1",
      OPENCODE_DISABLE_AUTOUPDATE: "1",
      OPENCODE_DISABLE_MODELS_FETCH: "1",
      OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
      OPENCODE_DISABLE_DEFAULT_PLUGINS: "1",
    },
    files: installedPlugin(home),
    sessionMeta: null,
  }),
  // Its modes say what it works at; what is asked stands in its configuration.
  askingMode: null,
  // It writes through the client all the same, beside its own writing.
  usesClientFiles: false,
  hiddenOptionIds: [],
  prepareLoad: null,
  clientMeta: null,
  leavesToolsRunning: false,
  refusalEndsTurn: true,
  usage: () => answerReader(readUsage),
  reportedFailure: () => null,
};

function configuration(model: string, modelUrl: string, modelToken: string) {
  const name = `sam/${model}`;
  return {
    model: name,
    small_model: name,
    autoupdate: false,
    share: "disabled",
    enabled_providers: ["sam"],
    permission: { edit: "ask", bash: "ask", webfetch: "ask", external_directory: "ask" },
    provider: {
      sam: {
        npm: "@ai-sdk/openai-compatible",
        options: { baseURL: modelUrl, apiKey: modelToken },
        models: { [model]: { tool_call: true, limit: modelLimits } },
      },
    },
  };
}

/** It installs a package of plugins from npm into every home, a hundred megabytes, unless that looks done. */
function installedPlugin(home: string): LaunchFile[] {
  const folder = join(home, ".config/opencode");
  const lock = { lockfileVersion: 3, packages: { "": { dependencies: { "@opencode-ai/plugin": "*" } } } };
  return [
    { path: join(folder, "package-lock.json"), text: JSON.stringify(lock) },
    { path: join(folder, "node_modules/README"), text: "Left empty by SAM: plugins are not used.\n" },
  ];
}

const thoughtSchema = z.object({ usage: z.object({ thoughtTokens: z.number().int().nonnegative() }) });

/** It counts thoughts beside the output. */
function readUsage(response: unknown): TurnUsage | null {
  const usage = responseUsage(response);
  if (usage === null) return null;
  const thoughts = thoughtSchema.safeParse(response);
  const last = cachedBesideInput(usage, "last_call");
  return { ...last, outputTokens: last.outputTokens + (thoughts.success ? thoughts.data.usage.thoughtTokens : 0) };
}
