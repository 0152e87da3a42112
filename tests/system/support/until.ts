/** Waiting for a fact: looked for again and again until it is there, never by a fixed wait. */
import { setTimeout as sleep } from "node:timers/promises";

/** What `look` gives where the fact isn't there yet. */
type NotYet = false | null | undefined;

export interface Wait {
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
  /** What a person needs to see where the fact did not come. */
  readonly report?: () => string | Promise<string>;
}

export const defaultTimeoutMs = 30_000;

/**
 * @returns what `look` gave. An error of `look` counts as "not yet".
 * Throws where the fact isn't there in time, naming `what`, the last error and the report.
 */
export async function until<Fact>(
  what: string,
  look: () => Fact | Promise<Fact>,
  { timeoutMs = defaultTimeoutMs, intervalMs = 20, report }: Wait = {},
): Promise<Exclude<Fact, NotYet>> {
  const deadlineAt = Date.now() + timeoutMs;
  let lastError: unknown = null;
  for (;;) {
    try {
      const fact = await look();
      if (isThere(fact)) return fact;
      lastError = null;
    } catch (error) {
      if (error instanceof NoLongerPossible) throw await failure(error.message, null, report);
      lastError = error;
    }
    if (Date.now() > deadlineAt) throw await failure(`not within ${timeoutMs} ms: ${what}`, lastError, report);
    await sleep(intervalMs);
  }
}

/** Thrown by a look that sees that its fact can't come any more. */
export class NoLongerPossible extends Error {}

function isThere<Fact>(fact: Fact): fact is Exclude<Fact, NotYet> {
  return fact !== false && fact !== null && fact !== undefined;
}

async function failure(what: string, lastError: unknown, report: Wait["report"]): Promise<Error> {
  const last = lastError instanceof Error ? `\nthe last look failed: ${lastError.message}` : "";
  const told = report === undefined ? "" : `\n${await report()}`;
  return new Error(`${what}${last}${told}`, { cause: lastError });
}
