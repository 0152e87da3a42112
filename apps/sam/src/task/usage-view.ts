/** Usage in words. A figure always says what it is of, so that nobody takes a last call for a turn. */
import type { ModelCalls, ModelFailure } from "@sam/domain/model-calls";
import type { TurnUsage } from "@sam/domain/usage";
import { quoted } from "@sam/domain/visible-text";

import { plainLine } from "../terminal/plain-text.ts";

/** Of a model's server, whose words are not SAM's. */
const maxWords = 300;

/** Such as `1,234 tokens in (1,000 of them cached), 56 out, 0.0123 USD`. */
export function usageText(usage: TurnUsage): string {
  const { inputTokens, outputTokens, cachedInputTokens, cost } = usage;
  const cached = cachedInputTokens === null ? "" : ` (${grouped(cachedInputTokens)} of them cached)`;
  const price = cost === null ? "" : `, ${amount(cost.amount)} ${plainLine(cost.currency)}`;
  return `${grouped(inputTokens)} tokens in${cached}, ${grouped(outputTokens)} out${price}`;
}

const scopes: Readonly<Record<TurnUsage["scope"], Readonly<Record<"turn" | "task", string>>>> = {
  turn: { turn: "in this turn", task: "all turns so far" },
  last_call: {
    turn: "in its last model call; the whole turn's is not known",
    task: "the last model call only; the whole is not known",
  },
  session: { turn: "in the session so far", task: "the whole session so far" },
};

/** What the figure is of, where it is shown beside a turn or beside a task. */
export function usageScope(usage: TurnUsage, beside: "turn" | "task"): string {
  return scopes[usage.scope][beside];
}

/** Such as `3 model calls, 1 failed (the last one: 500, overloaded)`. */
export function modelCallsText({ calls, failedCalls, lastFailure }: ModelCalls): string {
  const all = `${calls} model ${calls === 1 ? "call" : "calls"}`;
  if (failedCalls === 0) return all;
  const last = lastFailure === null ? "; the last one succeeded" : `; the last one: ${modelFailureText(lastFailure)}`;
  return `${all}, ${failedCalls} failed${last}`;
}

/** Such as `unavailable, HTTP 500: “overloaded”`. */
export function modelFailureText({ kind, status, detail }: ModelFailure): string {
  const said = detail.trim() === "" ? "" : quoted(detail, maxWords);
  return `${kind.replaceAll("_", " ")}${status === null ? "" : `, HTTP ${status}`}${said === "" ? "" : `: ${said}`}`;
}

function grouped(number: number): string {
  return String(number).replaceAll(/\B(?=(\d{3})+$)/g, ",");
}

/** Small sums keep the digits that say something. */
function amount(sum: number): string {
  return sum >= 1 || sum === 0 ? sum.toFixed(2) : String(Number(sum.toPrecision(3)));
}
