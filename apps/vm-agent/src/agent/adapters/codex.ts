/** Codex, through OpenAI's adapter to the Agent Client Protocol. */
import { join } from "node:path";

import { z } from "zod";

import type { AgentAdapter } from "./agent-adapter.ts";
import { catalogModel } from "./catalog-model.ts";
import { answerReader, cachedBesideInput, responseUsage } from "./usage-readers.ts";

const keyVariable = "SAM_MODEL_KEY";
/** The others leave edits or commands to a model's judgement, or ask nobody. */
const askingMode = "read-only";

export const codex: AgentAdapter = {
  model: catalogModel("codex"),
  launch: ({ stateFolder, model, modelUrl, modelToken }) => {
    const folder = join(stateFolder, "codex");
    return {
      args: [],
      env: { CODEX_HOME: folder, [keyVariable]: modelToken, INITIAL_AGENT_MODE: askingMode, NO_BROWSER: "1" },
      files: [{ path: join(folder, "config.toml"), text: configuration(model, modelUrl) }],
      sessionMeta: null,
    };
  },
  askingMode,
  usesClientFiles: false,
  hiddenOptionIds: [],
  prepareLoad: null,
  // With these it tells failures by structure, not as the agent's words.
  clientMeta: { terminal_output_delta: true, jetbrains: { air: { version: 1, capabilities: ["sessionFailure"] } } },
  leavesToolsRunning: true,
  refusalEndsTurn: true,
  usage: () =>
    answerReader((response) => {
      const usage = responseUsage(response);
      return usage === null ? null : cachedBesideInput(usage, "turn");
    }),
  reportedFailure: sessionFailure,
};

function configuration(model: string | null, modelUrl: string): string {
  return [
    ...(model === null ? [] : [`model = ${tomlText(model)}`]),
    'model_provider = "sam"',
    "check_for_update_on_startup = false",
    "[analytics]",
    "enabled = false",
    "[model_providers.sam]",
    'name = "sam"',
    `base_url = ${tomlText(modelUrl)}`,
    'wire_api = "responses"',
    `env_key = "${keyVariable}"`,
    "",
  ].join("\n");
}

/** JSON's texts are texts of TOML, too: https://toml.io/en/v1.0.0#string */
function tomlText(text: string): string {
  return JSON.stringify(text).replaceAll("\u007f", String.raw`\u007f`);
}

const failureSchema = z.object({
  _meta: z.object({
    jetbrains: z.object({
      air: z.object({
        sessionFailure: z.object({ severity: z.literal("error"), category: z.string(), title: z.string() }),
      }),
    }),
  }),
});

function sessionFailure(response: unknown): string | null {
  const parsed = failureSchema.safeParse(response);
  if (!parsed.success) return null;
  const { category, title } = parsed.data._meta.jetbrains.air.sessionFailure;
  return `${title} (${category})`;
}
