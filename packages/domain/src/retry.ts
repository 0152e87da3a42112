/** Retries: at most three tries of a step, `min(5 s · 2^n, 60 s)` apart, only for errors typed as retryable. */
export const maxAttemptsPerStep = 3;

/** @param attempt how many tries have failed so far, from 0. @returns milliseconds to wait before the next. */
export function retryDelayMs(attempt: number): number {
  return Math.min(5_000 * 2 ** Math.min(attempt, 10), 60_000);
}

/** Delivery of an effect, which goes on until it is done: quick at first, then every half minute. */
export function redeliveryDelayMs(attempt: number): number {
  return Math.min(250 * 2 ** Math.min(attempt, 10), 30_000);
}
