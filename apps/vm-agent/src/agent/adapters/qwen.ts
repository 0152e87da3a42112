/** Qwen Code. */
import { join } from "node:path";

import type { TurnUsage } from "@sam/domain/usage";
import { z } from "zod";

import type { AgentAdapter, UsageReader } from "./agent-adapter.ts";
import { catalogModel } from "./catalog-model.ts";

const askingMode = "default";

export const qwen: AgentAdapter = {
  model: catalogModel("qwen"),
  launch: ({ stateFolder, workspace, model, modelUrl, modelToken }) => {
    const home = join(stateFolder, "qwen");
    // A repository's own settings do not go before those of the system.
    const settings = join(home, "system-settings.json");
    const trust = join(home, "trusted-folders.json");
    return {
      args: ["--acp"],
      env: {
        QWEN_HOME: home,
        QWEN_CODE_SYSTEM_SETTINGS_PATH: settings,
        QWEN_CODE_TRUSTED_FOLDERS_PATH: trust,
        QWEN_CODE_NO_RELAUNCH: "1",
        OPENAI_API_KEY: modelToken,
        OPENAI_BASE_URL: modelUrl,
        OPENAI_MODEL: model ?? "",
      },
      files: [
        { path: settings, text: JSON.stringify(configuration) },
        { path: trust, text: JSON.stringify({ [workspace]: "DO_NOT_TRUST" }) },
      ],
      sessionMeta: null,
    };
  },
  askingMode,
  usesClientFiles: false,
  hiddenOptionIds: ["proceed_always_project", "proceed_always_user"],
  prepareLoad: null,
  clientMeta: null,
  leavesToolsRunning: false,
  refusalEndsTurn: true,
  usage: () => new CallSum(),
  reportedFailure: () => null,
};

const configuration = {
  general: { enableAutoUpdate: false },
  // Its own default lets a model decide.
  tools: { approvalMode: "default" },
  // Else it asks its model for more after each turn, and lets it write what it remembers.
  memory: { enableManagedAutoMemory: false, enableManagedAutoDream: false },
  ui: { enableFollowupSuggestions: false },
  privacy: { usageStatisticsEnabled: false },
  telemetry: { enabled: false },
  security: { auth: { selectedType: "openai" }, folderTrust: { enabled: true } },
};

const count = z.number().int().nonnegative();
const usageSchema = z.object({
  _meta: z.object({
    usage: z.object({
      inputTokens: count,
      outputTokens: count,
      cachedReadTokens: count.nullish().catch(null),
    }),
  }),
});

/** It reports each call by itself, on a chunk without a text: those of a turn are added. */
class CallSum implements UsageReader {
  #sum: TurnUsage | null = null;

  note(update: Readonly<Record<string, unknown>>): void {
    const parsed = usageSchema.safeParse(update);
    if (!parsed.success) return;
    const { inputTokens, outputTokens, cachedReadTokens } = parsed.data._meta.usage;
    const before = this.#sum;
    this.#sum = {
      scope: "turn",
      inputTokens: (before?.inputTokens ?? 0) + inputTokens,
      outputTokens: (before?.outputTokens ?? 0) + outputTokens,
      cachedInputTokens:
        cachedReadTokens === null || cachedReadTokens === undefined
          ? (before?.cachedInputTokens ?? null)
          : (before?.cachedInputTokens ?? 0) + cachedReadTokens,
      cost: null,
    };
  }

  endTurn(): TurnUsage | null {
    const sum = this.#sum;
    this.#sum = null;
    return sum;
  }
}
