/** Claude Code, through Anthropic's adapter to the Agent Client Protocol. */
import { join } from "node:path";

import type { AgentAdapter, UsageReader } from "./agent-adapter.ts";
import { catalogModel } from "./catalog-model.ts";
import { cachedBesideInput, responseUsage, SessionCost } from "./usage-readers.ts";

export const claudeCode: AgentAdapter = {
  model: catalogModel("claude-code"),
  launch: ({ stateFolder, model, modelUrl, modelToken }) => ({
    args: [],
    env: {
      CLAUDE_CONFIG_DIR: join(stateFolder, "claude"),
      ANTHROPIC_BASE_URL: modelUrl,
      ANTHROPIC_AUTH_TOKEN: modelToken,
      // Titles and summaries are asked of a small model, which another server need not have.
      ...(model === null ? {} : { ANTHROPIC_MODEL: model, ANTHROPIC_DEFAULT_HAIKU_MODEL: model }),
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      DISABLE_AUTOUPDATER: "1",
      DISABLE_TELEMETRY: "1",
      DISABLE_ERROR_REPORTING: "1",
    },
    files: [],
    sessionMeta: { claudeCode: { options: sessionOptions(modelUrl, modelToken) } },
  }),
  askingMode: "default",
  usesClientFiles: false,
  hiddenOptionIds: [],
  prepareLoad: null,
  clientMeta: null,
  leavesToolsRunning: false,
  refusalEndsTurn: false,
  usage: ({ isOwnServer, isLoaded }) => reader(isOwnServer, isLoaded),
  // It answers with an error of the protocol.
  reportedFailure: () => null,
};

/**
 * A repository's own settings could let it act without asking, run commands as hooks, or send the conversation to another
 * server. As a policy ours go before them; what the repository says to the model (CLAUDE.md) is read all the same.
 */
function sessionOptions(modelUrl: string, modelToken: string) {
  return {
    managedSettings: {
      allowManagedPermissionRulesOnly: true,
      allowManagedMcpServersOnly: true,
      disableAllHooks: true,
      permissions: { disableBypassPermissionsMode: "disable" },
    },
    settings: { env: { ANTHROPIC_BASE_URL: modelUrl, ANTHROPIC_AUTH_TOKEN: modelToken } },
    // Nor does it start the servers of tools that a repository names.
    strictMcpConfig: true,
    // It would ask its model after each turn what to ask next.
    promptSuggestions: false,
  };
}

/** Its costs are reckoned with Anthropic's own prices: of another server they say nothing. */
function reader(isOwnServer: boolean, isLoaded: boolean): UsageReader {
  const cost = new SessionCost(isLoaded);
  return {
    note: (update) => cost.note(update),
    endTurn: (response) => {
      const turnCost = cost.endTurn();
      const usage = responseUsage(response);
      if (usage === null) return null;
      return { ...cachedBesideInput(usage, "turn"), cost: isOwnServer ? null : turnCost };
    },
  };
}
