/**
 * The feed of a block shows its output while it grows: the first byte at once, then at most 20 updates a second and at
 * most 256 KiB of them, since each update carries the whole text. It never has two updates under way, so a client that
 * reads slowly gets fewer of them instead of a queue.
 */
const MIN_INTERVAL_MS = 50;
const MAX_CHARACTERS_PER_MS = 256;

export class OutputFeed {
  readonly #show: () => Promise<number>;
  #isChanged = false;
  #isShowing = false;
  #isEnded = false;
  #timer: NodeJS.Timeout | undefined;
  #nextAtMs = 0;

  /** `show` sends the output as it stands and resolves, once it is sent, with its length in characters. Never rejects. */
  constructor(show: () => Promise<number>) {
    this.#show = show;
  }

  changed(): void {
    this.#isChanged = true;
    this.#schedule();
  }

  /** No update is sent after this. */
  end(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#isShowing || this.#isEnded || this.#timer !== undefined || !this.#isChanged) {
      return;
    }
    const waitMs = this.#nextAtMs - performance.now();
    if (waitMs <= 0) {
      void this.#showNow();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#showNow();
    }, waitMs);
  }

  async #showNow(): Promise<void> {
    this.#isShowing = true;
    this.#isChanged = false;
    const startedMs = performance.now();
    const characters = await this.#show();
    this.#nextAtMs = startedMs + Math.max(MIN_INTERVAL_MS, characters / MAX_CHARACTERS_PER_MS);
    this.#isShowing = false;
    this.#schedule();
  }
}
