/** What was begun, to be taken back in the opposite order: once, each step however the others went. */
export class Undo {
  readonly #steps: (() => void | Promise<void>)[] = [];
  #running: Promise<readonly unknown[]> | null = null;

  add(step: () => void | Promise<void>): void {
    this.#steps.push(step);
  }

  /** @returns the errors of the steps that failed. A second call waits for the first. */
  run(): Promise<readonly unknown[]> {
    this.#running ??= this.#runAll();
    return this.#running;
  }

  async #runAll(): Promise<readonly unknown[]> {
    const errors: unknown[] = [];
    for (const step of this.#steps.toReversed()) {
      try {
        await step();
      } catch (error) {
        errors.push(error);
      }
    }
    return errors;
  }
}
