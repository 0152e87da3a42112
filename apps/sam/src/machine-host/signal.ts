/** A signal wakes whoever waits for a condition, so that the condition is looked at again. */
export class Signal {
  #next = Promise.withResolvers<void>();

  raise(): void {
    const raised = this.#next;
    this.#next = Promise.withResolvers<void>();
    raised.resolve();
  }

  /** @returns true once the condition holds, or false after `timeoutMs` (null: it waits for ever). */
  async until(holds: () => boolean, timeoutMs: number | null): Promise<boolean> {
    const expired = Promise.withResolvers<"expired">();
    const timer = timeoutMs === null ? null : setTimeout(() => expired.resolve("expired"), timeoutMs);
    try {
      while (!holds()) {
        const outcome = await Promise.race([this.#next.promise, expired.promise]);
        if (outcome === "expired") return holds();
      }
      return true;
    } finally {
      if (timer !== null) clearTimeout(timer);
    }
  }
}

/** @returns whether the promise was fulfilled in time. No timer stays behind that would keep the process up. */
export async function isDoneWithin(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const expired = Promise.withResolvers<false>();
  const timer = setTimeout(() => expired.resolve(false), timeoutMs);
  try {
    return await Promise.race([promise.then(() => true), expired.promise]);
  } finally {
    clearTimeout(timer);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
