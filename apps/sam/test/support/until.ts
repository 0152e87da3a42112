/** Waiting for a fact. */

const lookIntervalMs = 20;

type Look<Value> = Value | false | null | undefined;

/** Looks again and again until `look` gives a value; throws, naming `what`, where it doesn't within the deadline. */
export async function until<Value>(
  what: string,
  look: () => Look<Value> | Promise<Look<Value>>,
  timeoutMs = 15_000,
): Promise<Value> {
  const deadlineAt = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < deadlineAt) {
    try {
      const value = await look();
      if (value !== false && value !== null && value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, lookIntervalMs);
    });
  }
  const why = last instanceof Error ? ` (${last.message})` : "";
  throw new Error(`not within ${timeoutMs} ms: ${what}${why}`, { cause: last });
}
