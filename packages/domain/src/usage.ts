/** What a turn used, as its agent reports it, in one form. A figure says what it is of, so that none is added up wrongly. */
import type { UsageScope } from "./agent-catalog.ts";

export interface TurnUsage {
  readonly scope: UsageScope;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Part of the input; null where the agent does not say. */
  readonly cachedInputTokens: number | null;
  readonly cost: { readonly amount: number; readonly currency: string } | null;
}

/** A task's usage so far: turns are added, a session's figure replaces the one before, a last call is only that. */
export function addUsage(before: TurnUsage | null, next: TurnUsage): TurnUsage {
  if (before === null || before.scope !== "turn" || next.scope !== "turn") return next;
  const bothCached = before.cachedInputTokens !== null && next.cachedInputTokens !== null;
  const isOneCurrency = before.cost !== null && next.cost !== null && before.cost.currency === next.cost.currency;
  return {
    scope: "turn",
    inputTokens: before.inputTokens + next.inputTokens,
    outputTokens: before.outputTokens + next.outputTokens,
    cachedInputTokens: bothCached ? (before.cachedInputTokens ?? 0) + (next.cachedInputTokens ?? 0) : null,
    cost:
      isOneCurrency && before.cost !== null && next.cost !== null
        ? { amount: before.cost.amount + next.cost.amount, currency: next.cost.currency }
        : null,
  };
}
