/**
 * A message log is what a page holds of one conversation, by `seq`: pages from the past, frames from the stream, in
 * whatever order and however often they come. What is held is never replaced, and what is missing between is known.
 */
import type { HeldMessage } from "./held-message.ts";

/** Messages `after + 1` to `before - 1` are missing. */
export interface Gap {
  readonly after: number;
  readonly before: number;
}

/** What an addition did: nothing, went on from the newest message, or changed what lies before it. */
export type Addition = "nothing" | "appended" | "inserted";

export class MessageLog {
  #messages: HeldMessage[] = [];
  #lastSeq = 0;

  /** In their order, without repetition. */
  get messages(): readonly HeldMessage[] {
    return this.#messages;
  }

  /** The oldest that is held; null where none is. */
  get firstSeq(): number | null {
    return this.#messages[0]?.seq ?? null;
  }

  /** The newest that is held; 0 where none is. */
  get heldSeq(): number {
    return this.#messages.at(-1)?.seq ?? 0;
  }

  /** The newest that the task is known to have, held or not. */
  get lastSeq(): number {
    return Math.max(this.#lastSeq, this.heldSeq);
  }

  /** Whether nothing older is to be asked for. */
  get reachesStart(): boolean {
    return this.firstSeq === 1;
  }

  get gaps(): readonly Gap[] {
    const first = this.firstSeq;
    if (first === null || this.heldSeq - first + 1 === this.#messages.length) return [];
    const gaps: Gap[] = [];
    for (const [index, { seq }] of this.#messages.entries()) {
      const before = this.#messages[index - 1]?.seq;
      if (before !== undefined && before + 1 < seq) gaps.push({ after: before, before: seq });
    }
    return gaps;
  }

  /** Takes note of how far the task's conversation goes. */
  know(lastSeq: number): void {
    this.#lastSeq = Math.max(this.#lastSeq, lastSeq);
  }

  add(incoming: readonly HeldMessage[]): Addition {
    const heldSeq = this.heldSeq;
    if (this.#continues(incoming)) {
      for (const message of incoming) this.#messages.push(message);
      return incoming.length === 0 ? "nothing" : "appended";
    }
    const known = new Set(this.#messages.map(({ seq }) => seq));
    const fresh: HeldMessage[] = [];
    for (const message of incoming) {
      if (known.has(message.seq)) continue;
      known.add(message.seq);
      fresh.push(message);
    }
    if (fresh.length === 0) return "nothing";
    fresh.sort((one, other) => one.seq - other.seq);
    const isTail = (fresh[0]?.seq ?? 0) > heldSeq;
    this.#messages = isTail ? [...this.#messages, ...fresh] : merge(this.#messages, fresh);
    return isTail ? "appended" : "inserted";
  }

  /** The usual case: everything new, in order, behind what is held. */
  #continues(incoming: readonly HeldMessage[]): boolean {
    let { heldSeq } = this;
    for (const { seq } of incoming) {
      if (seq <= heldSeq) return false;
      heldSeq = seq;
    }
    return true;
  }
}

function merge(held: readonly HeldMessage[], fresh: readonly HeldMessage[]): HeldMessage[] {
  const merged: HeldMessage[] = [];
  let next = 0;
  for (const message of held) {
    for (let other = fresh[next]; other !== undefined && other.seq < message.seq; other = fresh[next]) {
      merged.push(other);
      next += 1;
    }
    merged.push(message);
  }
  return [...merged, ...fresh.slice(next)];
}
