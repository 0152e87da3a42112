/**
 * A life is one run of a program: an incarnation of a Durable Object, or a process of a VM agent. It ends at once, in the
 * middle of whatever it awaits, and none of its code runs on: its timers do not fire and what it asked is never answered.
 */
import { AsyncLocalStorage } from "node:async_hooks";

export class Life {
  readonly name: string;
  /** What its own clock is ahead of the world's. */
  readonly clockAheadMs: () => number;
  isOver = false;
  #whenOver: (() => void)[] = [];

  constructor(name: string, clockAheadMs: () => number = () => 0) {
    this.name = name;
    this.clockAheadMs = clockAheadMs;
  }

  whenOver(then: () => void): void {
    this.#whenOver.push(then);
  }

  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const then of this.#whenOver) then();
    this.#whenOver = [];
  }
}

/** Whose code runs now, and on whose behalf. */
export interface Scene {
  readonly life: Life;
  /** The call that it serves, such as `capacityFreed`. */
  readonly call: string;
}

const scenes = new AsyncLocalStorage<Scene | null>();
/** To the world itself one returns so often that the way there is kept. */
const asWorld = scenes.run(null, () => AsyncLocalStorage.snapshot());

/** @returns null where it is the world itself that acts. */
export function sceneNow(): Scene | null {
  return scenes.getStore() ?? null;
}

export function inScene<Value>(scene: Scene | null, act: () => Value): Value {
  if (sceneNow() === scene) return act();
  return scene === null ? asWorld(act) : scenes.run(scene, act);
}

/** A promise that is never kept: what whoever is over waits for. */
export function never<Value>(): Promise<Value> {
  return new Promise<Value>(() => undefined);
}
