/** A stall of the provider: what is asked of the machine host meanwhile is held back, and carried out when it is over. */
import { sleep } from "../machine-host/signal.ts";

export class ProviderStall {
  #over: Promise<void> | null = null;
  #held = 0;

  /** Resolves when it is over. @returns how many requests were held back. */
  async begin(durationMs: number): Promise<number> {
    this.#held = 0;
    const over = sleep(durationMs);
    this.#over = over;
    await over;
    if (this.#over === over) this.#over = null;
    return this.#held;
  }

  /** Resolves when a request may go on: at once, where nothing stalls. */
  async pass(): Promise<void> {
    if (this.#over === null) return;
    this.#held += 1;
    await this.#over;
  }
}
