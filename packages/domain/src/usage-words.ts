/** Usage in words. A figure always says what it is of, so that nobody takes a last call for a turn. */
import type { ModelCalls, ModelFailure } from "./model-calls.ts";
import { plainLine } from "./plain-text.ts";
import type { TurnUsage } from "./usage.ts";
import { quoted } from "./visible-text.ts";

/** Of a model's server, whose words are not SAM's. */
const maxWords = 300;

const grouped = new Intl.NumberFormat("en");

/** Such as "1,234 tokens in (1,000 of them cached), 56 out". */
export function tokensText({ inputTokens, outputTokens, cachedInputTokens }: TurnUsage): string {
  const cached = cachedInputTokens === null ? "" : ` (${grouped.format(cachedInputTokens)} of them cached)`;
  return `${grouped.format(inputTokens)} tokens in${cached}, ${grouped.format(outputTokens)} out`;
}

/** Small sums keep the digits that say something. @returns null where the agent reports no cost: none is worked out here. */
export function costText({ cost }: TurnUsage): string | null {
  if (cost === null) return null;
  const { amount } = cost;
  const digits = amount === 0 || amount >= 1 ? amount.toFixed(2) : String(Number(amount.toPrecision(3)));
  return `${digits} ${plainLine(cost.currency)}`;
}

/** Both, such as "1,234 tokens in, 56 out, 0.0123 USD". */
export function usageText(usage: TurnUsage): string {
  const cost = costText(usage);
  return cost === null ? tokensText(usage) : `${tokensText(usage)}, ${cost}`;
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
export function usageScope({ scope }: TurnUsage, beside: "turn" | "task"): string {
  return scopes[scope][beside];
}

/** Such as "3 model calls, 1 failed; the last one: unavailable, HTTP 500". */
export function modelCallsText({ calls, failedCalls, lastFailure }: ModelCalls): string {
  const all = `${calls} model ${calls === 1 ? "call" : "calls"}`;
  if (failedCalls === 0) return all;
  const last = lastFailure === null ? "the last one succeeded" : `the last one: ${modelFailureText(lastFailure)}`;
  return `${all}, ${failedCalls} failed; ${last}`;
}

/** Such as "unavailable, HTTP 500: “overloaded”". */
export function modelFailureText({ kind, status, detail }: ModelFailure): string {
  const said = detail.trim() === "" ? "" : `: ${quoted(detail, maxWords)}`;
  return `${kind.replaceAll("_", " ")}${status === null ? "" : `, HTTP ${status}`}${said}`;
}
