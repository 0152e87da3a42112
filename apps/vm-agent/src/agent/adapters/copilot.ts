/** GitHub Copilot's program, with a model of the owner's: GitHub is not spoken to. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import type { TurnUsage } from "@sam/domain/usage";

import type { AgentAdapter, LaunchPlace, UsageReader } from "./agent-adapter.ts";
import { catalogModel } from "./catalog-model.ts";
import { cachedAmongInput, responseUsage } from "./usage-readers.ts";

export const copilot: AgentAdapter = {
  model: catalogModel("copilot"),
  launch: (place) => ({
    args: ["--acp", "--no-auto-update"],
    env: {
      COPILOT_HOME: join(place.stateFolder, "copilot"),
      COPILOT_PKG_CACHE_HOME: unpackedIn(place),
      COPILOT_AUTO_UPDATE: "false",
      COPILOT_OFFLINE: "true",
      COPILOT_PROVIDER_TYPE: "openai",
      COPILOT_PROVIDER_WIRE_API: "completions",
      COPILOT_PROVIDER_BASE_URL: place.modelUrl,
      COPILOT_PROVIDER_API_KEY: place.modelToken,
      COPILOT_MODEL: place.model ?? "",
    },
    files: [],
    sessionMeta: null,
  }),
  askingMode: "https://agentclientprotocol.com/protocol/session-modes#agent",
  usesClientFiles: false,
  hiddenOptionIds: [],
  prepareLoad: null,
  clientMeta: null,
  leavesToolsRunning: false,
  refusalEndsTurn: true,
  usage: () => new Difference(),
  reportedFailure: () => null,
};

/** Its program unpacks 235 MB of itself: where the installation has done that, it is not done again. */
function unpackedIn({ installation, nodeCache }: LaunchPlace): string {
  const unpacked = installation === null ? null : join(installation, "package-cache");
  return unpacked !== null && existsSync(unpacked) ? unpacked : join(nodeCache, "copilot");
}

/** It reports what its process has used since it began: a turn's part is what was added. */
class Difference implements UsageReader {
  #before: TurnUsage = { scope: "turn", inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, cost: null };

  note(): void {
    // Its updates tell how full the context is, not what was used.
  }

  endTurn(response: unknown): TurnUsage | null {
    const usage = responseUsage(response);
    if (usage === null) return null;
    const now = cachedAmongInput(usage, "turn");
    const before = this.#before;
    this.#before = now;
    const isCached = now.cachedInputTokens !== null && before.cachedInputTokens !== null;
    const cached = isCached ? (now.cachedInputTokens ?? 0) - (before.cachedInputTokens ?? 0) : null;
    return {
      scope: "turn",
      inputTokens: Math.max(0, now.inputTokens - before.inputTokens),
      outputTokens: Math.max(0, now.outputTokens - before.outputTokens),
      cachedInputTokens: cached === null ? null : Math.max(0, cached),
      cost: null,
    };
  }
}
