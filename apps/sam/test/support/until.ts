/** Waiting for a fact. */

const lookIntervalMs = 20;

/** Looks again and again until `look` gives a value; throws, naming `what`, where it doesn't within the deadline. */
export async function until<Value>(
  what: string,
  look: () => Value | Promise<Value>,
  timeoutMs = 15_000,
): Promise<NonNullable<Exclude<Value, false>>> {
  const deadlineAt = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < deadlineAt) {
    try {
      const value = await look();
      if (value !== false && value !== null && value !== undefined) return value as NonNullable<Exclude<Value, false>>;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, lookIntervalMs);
    });
  }
  throw new Error(`not within ${timeoutMs} ms: ${what}${last instanceof Error ? ` (${last.message})` : ""}`, {
    cause: last,
  });
}
