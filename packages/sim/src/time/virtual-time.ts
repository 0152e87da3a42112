/**
 * Virtual time: nothing waits. What is due next happens next, and the clock stands at its moment until everything that
 * follows from it at once has happened. Two things that are due at the same moment happen in the order in which they were
 * asked for, so a schedule is the same each time that it is run.
 */

export interface Timer {
  readonly at: number;
  readonly order: number;
  run: (() => void) | null;
}

/** Taken before the globals are replaced: it lets the real event loop come round. */
const realSetImmediate = globalThis.setImmediate;
const done = Promise.resolve();
/** So often, so that whatever else this thread is told is heard, and what was forgotten can be collected. */
const turnsEvery = 512;

export class VirtualTime {
  /** Milliseconds since 1970, by a clock that nobody moves. */
  now: number;
  events = 0;
  #heap: Timer[] = [];
  #order = 0;

  constructor(startsAt: number) {
    this.now = startsAt;
  }

  /** Happens `delayMs` from now, unless it is cancelled. */
  after(delayMs: number, run: () => void): Timer {
    this.#order += 1;
    const timer = { at: this.now + Math.max(0, delayMs), order: this.#order, run };
    this.#push(timer);
    return timer;
  }

  cancel(timer: Timer): void {
    timer.run = null;
  }

  /** Lets time pass until `isOver` says so, looked at between two moments, or until `until`. @returns whether it was over. */
  pass(until: number, isOver: () => boolean): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const goOn = () => {
        try {
          const next = isOver() ? null : this.#pop(until);
          if (next !== null) {
            this.#happen(next);
            this.#onceSettled(goOn);
            return;
          }
          if (!isOver()) this.now = Math.max(this.now, until);
          resolve(isOver());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      this.#onceSettled(goOn);
    });
  }

  #happen(next: Timer): void {
    this.now = Math.max(this.now, next.at);
    this.events += 1;
    const { run } = next;
    next.run = null;
    run?.();
  }

  /** Once all that follows at once has happened: the tick that a microtask asks for comes after every other, however deep. */
  #onceSettled(then: () => void): void {
    if (this.events % turnsEvery === 0) realSetImmediate(then);
    else void done.then(() => process.nextTick(then));
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(timer, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = timer;
  }

  /** @returns the next that was not cancelled and is due by `until`. */
  #pop(until: number): Timer | null {
    for (let first = this.#heap[0]; first !== undefined && first.at <= until; first = this.#heap[0]) {
      this.#removeFirst();
      if (first.run !== null) return first;
    }
    return null;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let smaller = heap[child];
      if (smaller === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, smaller)) {
        child += 1;
        smaller = right;
      }
      if (!isBefore(smaller, last)) break;
      heap[index] = smaller;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
