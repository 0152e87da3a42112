/**
 * A folded log is a message log with its items. What is added at the end is folded alone; what is put before it has all
 * of it folded anew, and items that come out the same stay the same objects, under the same keys.
 */
import { Folding, type ContextRoom } from "./folding.ts";
import type { HeldMessage } from "./held-message.ts";
import type { Item, ToolCall } from "./item.ts";
import { type Addition, type Gap, MessageLog } from "./message-log.ts";

export class FoldedLog {
  readonly log = new MessageLog();
  #folding = new Folding();
  #folded = 0;
  #items: readonly Item[] = [];
  #isStale = false;

  get items(): readonly Item[] {
    if (this.#isStale) this.#items = [...this.#folding.items];
    this.#isStale = false;
    return this.#items;
  }

  get context(): ContextRoom | null {
    return this.#folding.context;
  }

  add(incoming: readonly HeldMessage[]): Addition {
    const addition = this.log.add(incoming);
    if (addition === "nothing") return addition;
    if (addition === "inserted") this.#refold();
    else this.#fold();
    return addition;
  }

  /** Folds what has come behind what is folded. */
  #fold(): void {
    const { messages } = this.log;
    let before = messages[this.#folded - 1];
    for (const message of messages.slice(this.#folded)) {
      const gap = gapBetween(before, message);
      if (gap !== null) this.#folding.takeGap(gap, message.at);
      this.#folding.take(message);
      before = message;
    }
    this.#folded = messages.length;
    this.#isStale = true;
  }

  #refold(): void {
    const known = this.items;
    this.#folding = new Folding();
    this.#folded = 0;
    this.#fold();
    this.#folding.keep((items) => keepKnown(items, known));
  }
}

function gapBetween(before: HeldMessage | undefined, message: HeldMessage): Gap | null {
  if (before === undefined || before.seq + 1 === message.seq) return null;
  return { after: before.seq, before: message.seq };
}

/** An item that grew at its beginning ends where it ended before: it keeps its key. */
function keepKnown(items: readonly Item[], known: readonly Item[]): readonly Item[] {
  const byKey = new Map(known.map((item) => [item.key, item]));
  const byEnd = new Map(known.map((item) => [item.lastSeq, item]));
  const keys = new Set(items.map(({ key }) => key));
  return items.map((item) => {
    const same = byKey.get(item.key);
    if (same !== undefined) return isSame(item, same) ? same : item;
    const grown = byEnd.get(item.lastSeq);
    if (grown?.kind !== item.kind || keys.has(grown.key)) return item;
    keys.add(grown.key);
    return { ...item, key: grown.key };
  });
}

/** Between the same two messages only that can differ which depends on what came before them. */
function isSame(item: Item, before: Item): boolean {
  if (item.kind !== before.kind || item.seq !== before.seq || item.lastSeq !== before.lastSeq) return false;
  switch (item.kind) {
    case "prose":
    case "thought":
      return item.kind === before.kind && item.text === before.text && item.continues === before.continues;
    case "tool":
      return item.kind === before.kind && hasEndedAlike(item.call, before.call);
    case "turn_ended":
      return item.kind === before.kind && item.planLeft === before.planLeft;
    default:
      return true;
  }
}

function hasEndedAlike(call: ToolCall, before: ToolCall): boolean {
  return call.outcome === before.outcome && call.endedAt === before.endedAt;
}
