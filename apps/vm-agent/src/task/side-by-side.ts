/** Two pieces of work side by side, of which one is worth nothing without the other: where one fails the other is ended. */

/**
 * Waits for both to settle, so that nothing of either goes on afterwards.
 * @param signal ends both.
 * @returns what the first one resolves to. @throws what failed first.
 */
export async function sideBySide<Value>(
  signal: AbortSignal,
  first: (signal: AbortSignal) => Promise<Value>,
  second: (signal: AbortSignal) => Promise<void>,
): Promise<Value> {
  const ending = new AbortController();
  const either = AbortSignal.any([signal, ending.signal]);
  const failures: unknown[] = [];
  const endBoth = (error: unknown): never => {
    failures.push(error);
    ending.abort(error);
    throw error;
  };
  const [value, rest] = await Promise.allSettled([first(either).catch(endBoth), second(either).catch(endBoth)]);
  if (value.status === "fulfilled" && rest.status === "fulfilled") return value.value;
  throw failures[0];
}
