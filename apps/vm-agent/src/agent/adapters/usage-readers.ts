/**
 * Usage readers bring what agents report into one form. Input is everything that the model read, with what it had cached;
 * what an agent counts beside it is added, and what nobody says is null.
 */
import type { TurnUsage } from "@sam/domain/usage";
import { z } from "zod";

import type { UsageReader } from "./agent-adapter.ts";

const count = z.number().int().nonnegative();
const optionalCount = count.nullish().catch(null);

/** ACP's own: https://agentclientprotocol.com, `PromptResponse.usage`. */
const responseSchema = z.object({
  usage: z.object({
    inputTokens: count,
    outputTokens: count,
    cachedReadTokens: optionalCount,
    cachedWriteTokens: optionalCount,
  }),
});
type ResponseUsage = z.infer<typeof responseSchema>["usage"];

/** ACP's `usage_update`: its cost is that of the whole session. */
const costSchema = z.object({
  sessionUpdate: z.literal("usage_update"),
  cost: z.object({ amount: z.number().nonnegative(), currency: z.string().min(1).max(8) }),
});

/** @returns the usage in the answer to `session/prompt`; null where there is none. */
export function responseUsage(response: unknown): ResponseUsage | null {
  const parsed = responseSchema.safeParse(response);
  return parsed.success ? parsed.data.usage : null;
}

/** Of an agent that counts what was cached apart from the input. */
export function cachedBesideInput(usage: ResponseUsage, scope: TurnUsage["scope"]): TurnUsage {
  const read = usage.cachedReadTokens ?? null;
  return {
    scope,
    inputTokens: usage.inputTokens + (read ?? 0) + (usage.cachedWriteTokens ?? 0),
    outputTokens: usage.outputTokens,
    cachedInputTokens: read,
    cost: null,
  };
}

/** Of an agent that counts what was cached among the input, as ACP's draft leaves open. */
export function cachedAmongInput(usage: ResponseUsage, scope: TurnUsage["scope"]): TurnUsage {
  const { inputTokens, outputTokens, cachedReadTokens = null } = usage;
  return { scope, inputTokens, outputTokens, cachedInputTokens: cachedReadTokens, cost: null };
}

/** Reads the answer alone. */
export function answerReader(read: (response: unknown) => TurnUsage | null): UsageReader {
  return { note: () => undefined, endTurn: read };
}

/** The cost of a turn, from what the agent says that its session has cost so far. */
export class SessionCost {
  #before: number | null;
  #now: { readonly amount: number; readonly currency: string } | null = null;

  /** What a session that is loaded has cost before is not known until it says so. */
  constructor(isLoaded: boolean) {
    this.#before = isLoaded ? null : 0;
  }

  note(update: Readonly<Record<string, unknown>>): void {
    const parsed = costSchema.safeParse(update);
    if (parsed.success) this.#now = parsed.data.cost;
  }

  /** What the session has cost since the last turn; null where that can't be told. */
  endTurn(): TurnUsage["cost"] {
    const now = this.#now;
    const before = this.#before;
    if (now === null) return null;
    this.#before = now.amount;
    if (before === null || now.amount < before) return null;
    return { amount: Math.round((now.amount - before) * 1e9) / 1e9, currency: now.currency };
  }
}
