/**
 * The conversation of one task on this page: opened from its end, added to by the stream, read backwards page by page.
 * What arrives is folded at once and told to those who look once a frame.
 */
import { FoldedLog } from "./folded-log.ts";
import type { ContextRoom } from "./folding.ts";
import type { HeldMessage, HeldPage } from "./held-message.ts";
import type { Item } from "./item.ts";
import type { Gap } from "./message-log.ts";

/** The first page is small, so that it is there at once. */
const firstPageSize = 150;
const pageSize = 500;
/** What is missing is asked for again after so long, twice as long each time; after so many times, only when it is wished. */
const firstRetryMs = 1_000;
const longestRetryMs = 15_000;
const mostRetries = 20;
/** Above every seq: the page before it is the newest. */
const beyondAll = Number.MAX_SAFE_INTEGER;

export type PageQuery =
  | { readonly before: number; readonly limit: number }
  | { readonly after: number; readonly limit: number };

export interface ConversationPorts {
  readonly fetchPage: (query: PageQuery) => Promise<HeldPage>;
  /** Calls back before the next paint, or soon where there is none. */
  readonly nextFrame: (callback: () => void) => void;
  readonly later: (delayMs: number, callback: () => void) => void;
  readonly now: () => number;
}

/** Messages that are missing could not be fetched. */
export interface GapFailure {
  readonly error: unknown;
  /** When they are asked for again; null: when it is wished, or the connection is back. */
  readonly retryAt: number | null;
}

export interface ConversationSnapshot {
  readonly items: readonly Item[];
  /** Whether there is anything to show: the first page, or that there is none. */
  readonly isOpen: boolean;
  readonly reachesStart: boolean;
  readonly lastSeq: number;
  readonly context: ContextRoom | null;
  /** What was asked for and failed; null while all is well. */
  readonly failure: unknown;
  /** Null while nothing is missing, or it is being fetched. */
  readonly gapFailure: GapFailure | null;
}

export class TaskConversation {
  readonly #ports: ConversationPorts;
  readonly #folded = new FoldedLog();
  readonly #listeners = new Set<() => void>();
  readonly #asked = new Map<string, Promise<void>>();
  #isOpen = false;
  #isEmpty = false;
  #failure: unknown = null;
  #gapFailure: GapFailure | null = null;
  #gapRetries = 0;
  #retryDueAt: number | null = null;
  /** How far the stream says that it has told. */
  #heardSeq = 0;
  #frameAsked = false;
  #snapshot: ConversationSnapshot;

  constructor(ports: ConversationPorts) {
    this.#ports = ports;
    this.#snapshot = this.#look();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): ConversationSnapshot => this.#snapshot;

  /** Where the stream has to go on. */
  get heldSeq(): number {
    return this.#folded.log.heldSeq;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The newest page; once it is there, the stream goes on from its end. */
  async open(): Promise<void> {
    if (this.#isOpen) return;
    await this.#askFor({ before: beyondAll, limit: firstPageSize }, ({ lastSeq }) => {
      this.#isOpen = true;
      this.#isEmpty = lastSeq === 0;
    });
  }

  /** The page before the oldest message that is held. */
  async loadOlder(): Promise<void> {
    const { firstSeq, reachesStart } = this.#folded.log;
    if (!this.#isOpen || firstSeq === null || reachesStart) return;
    await this.#askFor({ before: firstSeq, limit: pageSize });
  }

  /** Every page down to this message. */
  async loadTo(seq: number): Promise<void> {
    while (this.#isOpen && (this.#folded.shownSeq ?? 0) > Math.max(1, seq)) {
      const { firstSeq } = this.#folded.log;
      await this.loadOlder();
      if (this.#folded.log.firstSeq === firstSeq) return;
    }
  }

  /** Messages of the stream. */
  take(messages: readonly HeldMessage[]): void {
    const addition = this.#folded.add(messages);
    if (addition === "nothing") return;
    this.#changed();
    this.#fillGaps();
  }

  /** The stream says how far it has told: what it should have brought by then, and did not, is missing. */
  heard(lastSeq: number): void {
    this.#heardSeq = Math.max(this.#heardSeq, lastSeq);
    this.#folded.log.know(lastSeq);
    if (!this.#isOpen || lastSeq <= this.heldSeq) return;
    this.#changed();
    this.#fillGaps();
  }

  /** What failed before is asked for anew: the connection is back, or somebody wishes it. */
  retry(): void {
    this.#gapRetries = 0;
    if (this.#gapFailure !== null) this.#settleGap(null);
    if (this.#failure !== null) this.#fail(null);
    if (this.#isOpen) this.#fillGaps();
    else this.open().catch(() => undefined);
  }

  #gaps(): readonly Gap[] {
    const { gaps } = this.#folded.log;
    const { heldSeq } = this;
    return this.#heardSeq > heldSeq ? [...gaps, { after: heldSeq, before: this.#heardSeq + 1 }] : gaps;
  }

  #fillGaps(): void {
    for (const { after, before } of this.#gaps()) {
      const limit = Math.min(pageSize, before - after - 1);
      this.#ask({ after, limit }).then(
        () => this.#gapFilled(),
        (error: unknown) => this.#gapFailed(error),
      );
    }
  }

  #gapFilled(): void {
    this.#gapRetries = 0;
    if (this.#gapFailure !== null) this.#settleGap(null);
  }

  /** It is asked for again by itself: what is missing does not wait until something else happens. */
  #gapFailed(error: unknown): void {
    if (this.#retryDueAt !== null) {
      this.#settleGap({ error, retryAt: this.#retryDueAt });
      return;
    }
    if (this.#gapRetries === mostRetries) {
      this.#settleGap({ error, retryAt: null });
      return;
    }
    const delayMs = Math.min(longestRetryMs, firstRetryMs * 2 ** this.#gapRetries);
    this.#gapRetries += 1;
    this.#retryDueAt = this.#ports.now() + delayMs;
    this.#settleGap({ error, retryAt: this.#retryDueAt });
    this.#ports.later(delayMs, () => {
      this.#retryDueAt = null;
      this.#settleGap(null);
      this.#fillGaps();
    });
  }

  #settleGap(failure: GapFailure | null): void {
    this.#gapFailure = failure;
    this.#changed();
  }

  /** What fails of this is said by the snapshot. */
  async #askFor(query: PageQuery, then?: (page: HeldPage) => void): Promise<void> {
    try {
      await this.#ask(query, then);
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  /** Each question is asked once at a time. */
  async #ask(query: PageQuery, then?: (page: HeldPage) => void): Promise<void> {
    const key = JSON.stringify(query);
    const asked = this.#asked.get(key) ?? this.#fetch(query, then).finally(() => this.#asked.delete(key));
    this.#asked.set(key, asked);
    await asked;
  }

  async #fetch(query: PageQuery, then?: (page: HeldPage) => void): Promise<void> {
    const page = await this.#ports.fetchPage(query);
    then?.(page);
    this.#failure = null;
    this.#folded.log.know(page.lastSeq);
    const addition = this.#folded.add(page.messages);
    this.#changed();
    if (addition !== "nothing") this.#fillGaps();
  }

  #fail(error: unknown): void {
    this.#failure = error;
    this.#changed();
  }

  #changed(): void {
    if (this.#frameAsked) return;
    this.#frameAsked = true;
    this.#ports.nextFrame(() => {
      this.#frameAsked = false;
      this.#snapshot = this.#look();
      for (const listener of this.#listeners) listener();
    });
  }

  #look(): ConversationSnapshot {
    const { log, items, context } = this.#folded;
    return {
      items: this.#withTail(items),
      isOpen: this.#isOpen,
      reachesStart: log.reachesStart || this.#isEmpty,
      lastSeq: log.lastSeq,
      context,
      failure: this.#failure,
      gapFailure: this.#gapFailure,
    };
  }

  /** What is missing behind all that is held stands at the end. */
  #withTail(items: readonly Item[]): readonly Item[] {
    const { heldSeq } = this;
    const missing = this.#heardSeq - heldSeq;
    if (!this.#isOpen || missing <= 0) return items;
    const at = this.#folded.log.messages.at(-1)?.at ?? this.#ports.now();
    return [
      ...items,
      { kind: "gap", key: "missing at the end", seq: heldSeq + 1, lastSeq: this.#heardSeq, at, missing },
    ];
  }
}
