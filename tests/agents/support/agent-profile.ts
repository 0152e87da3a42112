/**
 * An agent's profile is what this suite has to know of it beforehand. The scenarios and what they end as are the same for
 * all; where an agent really differs, it stands here, with the reason.
 */
import type { CatalogAgentId } from "@sam/domain/agent-catalog";
import type { TurnUsage } from "@sam/domain/usage";

import type { Usage } from "../../model-server/script/answer.ts";

export interface AgentProfile {
  /** One that the agent knows, where it treats others in another way. */
  readonly model: string;
  /** What follows the model server's address in the agent's base URL. */
  readonly path: "" | "/v1";
  /** What it does where a permission is refused: go on without, or end its turn. */
  readonly afterRefusal: "goes_on" | "ends_its_turn";
  /** What SAM makes of its report of a turn that made these calls. */
  readonly usage: (calls: readonly Usage[]) => TurnUsage;
}

const sum = (calls: readonly Usage[], figure: keyof Usage) => calls.reduce((total, call) => total + call[figure], 0);

/** The sum over the turn, thoughts among the output, and no cost: the server has no prices. */
function wholeTurn(calls: readonly Usage[]): TurnUsage {
  return {
    scope: "turn",
    inputTokens: sum(calls, "input"),
    outputTokens: sum(calls, "output"),
    cachedInputTokens: sum(calls, "cached"),
    cost: null,
  };
}

/** It says nothing of what was cached, and leaves thoughts out of the output. */
function withoutThoughts(calls: readonly Usage[]): TurnUsage {
  return {
    ...wholeTurn(calls),
    outputTokens: sum(calls, "output") - sum(calls, "thoughts"),
    cachedInputTokens: null,
  };
}

/** It tells its last call alone. */
function lastCall(calls: readonly Usage[]): TurnUsage {
  return { ...wholeTurn(calls.slice(-1)), scope: "last_call" };
}

export const profiles: { readonly [Id in CatalogAgentId]: AgentProfile } = {
  "claude-code": { model: "claude-sonnet-4-5", path: "", afterRefusal: "goes_on", usage: wholeTurn },
  // It gives a model that it knows other tools, and warns of one that it doesn't know.
  codex: { model: "gpt-6.1-sol", path: "/v1", afterRefusal: "ends_its_turn", usage: wholeTurn },
  opencode: { model: "scripted-model", path: "/v1", afterRefusal: "ends_its_turn", usage: lastCall },
  gemini: { model: "gemini-2.5-pro", path: "", afterRefusal: "goes_on", usage: withoutThoughts },
  qwen: { model: "scripted-model", path: "/v1", afterRefusal: "ends_its_turn", usage: wholeTurn },
  copilot: { model: "scripted-model", path: "/v1", afterRefusal: "ends_its_turn", usage: wholeTurn },
};
