/** A storm: faults, one after the other and some at once, until its time is over; then every one of them has ended. */
import { setTimeout as sleep } from "node:timers/promises";

import { Deck, type Fault, type Stricken } from "./faults.ts";

export interface Struck {
  readonly at: number;
  readonly name: string;
  readonly what: string;
}

/** A fault that could not be carried out as it should be: such as a process that survived the launcher. */
export interface Mishap {
  readonly name: string;
  readonly error: string;
}

const atOnce = 3;

export class Storm {
  readonly struck: Struck[] = [];
  readonly mishaps: Mishap[] = [];
  readonly #stricken: Stricken;
  readonly #underWay = new Set<Promise<void>>();

  readonly #deck: Deck;

  constructor(stricken: Stricken) {
    this.#stricken = stricken;
    this.#deck = new Deck(stricken);
  }

  /**
   * Rages for so long, and on until each fault has struck once, but no longer than three times as long.
   * @param pauseMs the longest pause between two faults.
   * @param signal ends it early.
   */
  async rage(forMs: number, pauseMs: number, signal: AbortSignal): Promise<void> {
    const { chance } = this.#stricken;
    const startedAt = Date.now();
    const goesOn = () => Date.now() - startedAt < (this.#deck.hasMore() ? 3 : 1) * forMs;
    while (goesOn() && this.mishaps.length === 0 && !signal.aborted) {
      await sleep(Math.floor(pauseMs / 5) + chance.below(pauseMs));
      const fault = this.#deck.draw();
      if (this.#underWay.size >= atOnce) await Promise.race(this.#underWay);
      const strike = this.#strike(fault);
      if (fault.isOfPower) {
        await strike;
        continue;
      }
      this.#underWay.add(strike);
      void strike.finally(() => this.#underWay.delete(strike));
    }
    await Promise.all(this.#underWay);
  }

  /** @returns how often each fault struck, the most frequent first. */
  counts(): readonly (readonly [string, number])[] {
    const counts = new Map<string, number>();
    for (const { name } of this.struck) counts.set(name, (counts.get(name) ?? 0) + 1);
    return [...counts].toSorted(([, a], [, b]) => b - a);
  }

  async #strike(fault: Fault): Promise<void> {
    const { name, strike } = fault;
    const at = Date.now();
    try {
      const what = await strike(this.#stricken);
      if (what === null) return;
      this.#deck.hasStruck(fault);
      this.struck.push({ at, name, what });
      this.#stricken.note(`${new Date(at).toISOString()} ${name}: ${what}`);
    } catch (error) {
      this.mishaps.push({ name, error: error instanceof Error ? error.message : String(error) });
    }
  }
}
