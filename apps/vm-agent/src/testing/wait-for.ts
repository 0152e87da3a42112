/** Waiting for a fact, with a deadline; a test never sleeps for a time that it hopes is long enough. */
import { setTimeout as sleep } from "node:timers/promises";

/** @returns the first value that is not undefined, null or false. @throws past the deadline, saying what was awaited. */
export async function waitFor<Value>(
  what: string,
  look: () => Value | undefined | null | false,
  timeoutMs = 15_000,
): Promise<Value> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const value = look();
    if (value !== undefined && value !== null && value !== false) return value;
    if (performance.now() > endMs) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await sleep(5);
  }
}
