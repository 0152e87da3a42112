/** The wait before the next dial: from 0.1 s doubling to 5 s, each with jitter, so that nodes do not come back in step. */

const firstMs = 100;
const longestMs = 5_000;

export class DialBackoff {
  #attempts = 0;

  /** How long to wait now: between half and all of the current step. */
  nextMs(random: () => number = Math.random): number {
    const stepMs = Math.min(longestMs, firstMs * 2 ** this.#attempts);
    this.#attempts += 1;
    return Math.round(stepMs * (0.5 + random() / 2));
  }

  /** After `welcome`: the next wait is the first one again. */
  reset(): void {
    this.#attempts = 0;
  }
}
