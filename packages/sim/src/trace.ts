/** The trace of a schedule: what happened, in its order, for a person to read. Off, it costs nothing. */
import { sceneNow } from "./time/life.ts";
import type { VirtualTime } from "./time/virtual-time.ts";

export class Trace {
  readonly #time: VirtualTime;
  readonly #startedAt: number;
  readonly #write: ((line: string) => void) | null;

  /** @param write null: nobody reads it. */
  constructor(time: VirtualTime, write: ((line: string) => void) | null) {
    this.#time = time;
    this.#startedAt = time.now;
    this.#write = write;
  }

  get isOn(): boolean {
    return this.#write !== null;
  }

  /** @param what is only asked for where somebody reads it. */
  note(what: () => string): void {
    if (this.#write === null) return;
    const seconds = ((this.#time.now - this.#startedAt) / 1_000).toFixed(3).padStart(10);
    const who = sceneNow()?.life.name ?? "world";
    this.#write(`${seconds} ${who.padEnd(14)} ${what()}`);
  }
}

const shown = new Map<string, string>();
const shownAtMost = 1_000;

/** @returns an id short enough for a line: its noun and its last characters. */
export function short(id: string): string {
  const known = shown.get(id);
  if (known !== undefined) return known;
  const made = id.replace(/^(task|node|ws|proj|user)_\w+(\w{4})$/, "$1…$2");
  if (shown.size >= shownAtMost) shown.clear();
  shown.set(id, made);
  return made;
}
