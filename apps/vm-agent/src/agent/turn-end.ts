/**
 * How a turn ended, in one form for all agents: `end_turn` alone is not success, `cancelled` is only what SAM cancelled,
 * and what an agent reports as failed is said in its words.
 */
import type { ModelCalls } from "@sam/domain/model-calls";
import type { TurnUsage } from "@sam/domain/usage";
import { permissionRefused } from "@sam/domain/verdicts";
import { z } from "zod";

import { clipHead } from "../clipped-text.ts";
import type { AgentAdapter } from "./adapters/agent-adapter.ts";

/** What the agent answered to `session/prompt`. */
export type TurnAnswer =
  | { readonly kind: "response"; readonly response: unknown }
  | { readonly kind: "error"; readonly detail: string };

/** What happened in the turn, as far as this node saw it. */
export interface TurnCircumstances {
  /** SAM asked the agent to stop. */
  readonly isCancelled: boolean;
  /** Somebody refused what the agent asked for. */
  readonly isRefused: boolean;
}

export interface TurnEnd {
  readonly stopReason: string;
  readonly reportedFailure: string | null;
  readonly usage: TurnUsage | null;
  readonly model: ModelCalls | null;
}

type EndWords = Pick<TurnEnd, "stopReason" | "reportedFailure">;

const responseSchema = z.object({ stopReason: z.string() });

/** Stop reasons of the protocol that are no end of the work, in words. */
const shortEnds: Readonly<Record<string, string>> = {
  max_tokens: "it stopped at the limit of its model's tokens",
  max_turn_requests: "it stopped at its limit of model calls in one turn",
  refusal: "its model refused to go on",
};

/** Reads the answer to `session/prompt`. A turn that SAM cancelled was cancelled, whatever the agent makes of it. */
export function readTurnEnd(
  answer: TurnAnswer,
  adapter: Pick<AgentAdapter, "reportedFailure" | "refusalEndsTurn">,
  { isCancelled, isRefused }: TurnCircumstances,
): EndWords {
  if (isCancelled) return { stopReason: "cancelled", reportedFailure: null };
  if (answer.kind === "error") return errorEnd(answer.detail);
  const parsed = responseSchema.safeParse(answer.response);
  if (!parsed.success) return errorEnd("its answer to session/prompt is not of the protocol");
  const { stopReason } = parsed.data;
  const reported = adapter.reportedFailure(answer.response);
  const failure = reported === null ? null : clipHead(reported, 4_096);
  switch (stopReason) {
    case "end_turn":
      return isRefused && failure === null && adapter.refusalEndsTurn
        ? refusedEnd
        : { stopReason, reportedFailure: failure };
    // Some agents say so where they were refused something: that is nobody's cancel.
    case "cancelled":
      if (isRefused && failure === null) return refusedEnd;
      return errorEnd(failure ?? "it cancelled its turn by itself");
    default: {
      const words = Object.hasOwn(shortEnds, stopReason) ? shortEnds[stopReason] : undefined;
      if (words === undefined) return errorEnd(`it ended its turn as ${JSON.stringify(clipHead(stopReason, 64))}`);
      return { stopReason, reportedFailure: failure ?? words };
    }
  }
}

const refusedEnd: EndWords = { stopReason: permissionRefused, reportedFailure: null };

function errorEnd(detail: string): EndWords {
  return { stopReason: "error", reportedFailure: clipHead(detail, 4_096) };
}
