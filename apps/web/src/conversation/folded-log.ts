/**
 * A folded log is a message log with its items. What is added at the end is folded alone; what is put before it has all
 * of it folded anew, and items that come out the same stay the same objects, under the same keys. The end of a text whose
 * beginning is not held is not shown before it is: from another beginning its pieces would all be others.
 */
import { Folding, type ContextRoom } from "./folding.ts";
import type { HeldMessage } from "./held-message.ts";
import type { Item, ToolCall } from "./item.ts";
import { type Addition, type Gap, MessageLog } from "./message-log.ts";

export class FoldedLog {
  readonly log = new MessageLog();
  #folding = new Folding();
  #folded = 0;
  #shownSeq: number | null = null;
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

  /** Of the oldest message that is shown; null while none is. */
  get shownSeq(): number | null {
    return this.#shownSeq;
  }

  add(incoming: readonly HeldMessage[]): Addition {
    const addition = this.log.add(incoming);
    if (addition === "nothing") return addition;
    if (addition === "inserted" || this.#folded === 0) this.#refold();
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

  /** @returns the place of the oldest message to be shown. What was shown stays, and so does what is all there is. */
  #beginning(): number {
    const { messages, reachesStart } = this.log;
    const [oldest] = messages;
    if (oldest === undefined || reachesStart) return 0;
    const shown = messages.findIndex(({ seq }) => seq === this.#shownSeq);
    const whole = messages.findIndex((message) => !isSameText(oldest, message));
    if (whole === -1) return Math.max(0, shown);
    return shown === -1 ? whole : Math.min(shown, whole);
  }

  #refold(): void {
    const known = this.items;
    this.#folding = new Folding();
    this.#folded = this.#beginning();
    this.#shownSeq = this.log.messages[this.#folded]?.seq ?? null;
    this.#fold();
    this.#folding.keep((items) => keepKnown(items, known));
  }
}

/** Whether both are pieces of one text of an agent. */
function isSameText({ body: one }: HeldMessage, { body: other }: HeldMessage): boolean {
  if (one.kind !== "agent_update" || other.kind !== "agent_update" || one.turn !== other.turn) return false;
  const { sessionUpdate: kind, messageId } = one.update;
  const isText = kind === "agent_message_chunk" || kind === "agent_thought_chunk";
  return isText && other.update["sessionUpdate"] === kind && other.update["messageId"] === messageId;
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
