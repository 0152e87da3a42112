import { FoldedLog } from "./folded-log.ts";
/**
 * The conversation of one task on this page: opened from its end, added to by the stream, read backwards page by page.
 * What arrives is folded at once and told to those who look once a frame.
 */
import type { ContextRoom } from "./folding.ts";
import type { HeldMessage, HeldPage } from "./held-message.ts";
import type { Item } from "./item.ts";

/** The first page is small, so that it is there at once. */
const firstPageSize = 150;
const pageSize = 500;
/** Above every seq: the page before it is the newest. */
const beyondAll = Number.MAX_SAFE_INTEGER;

export type PageQuery =
  | { readonly before: number; readonly limit: number }
  | { readonly after: number; readonly limit: number };

export interface ConversationPorts {
  readonly fetchPage: (query: PageQuery) => Promise<HeldPage>;
  /** Calls back before the next paint, or soon where there is none. */
  readonly nextFrame: (callback: () => void) => void;
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
}

export class TaskConversation {
  readonly #ports: ConversationPorts;
  readonly #folded = new FoldedLog();
  readonly #listeners = new Set<() => void>();
  readonly #asked = new Map<string, Promise<void>>();
  #isOpen = false;
  #isEmpty = false;
  #failure: unknown = null;
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
    await this.#ask({ before: beyondAll, limit: firstPageSize }, ({ lastSeq }) => {
      this.#isOpen = true;
      this.#isEmpty = lastSeq === 0;
    });
  }

  /** The page before the oldest message that is held. */
  async loadOlder(): Promise<void> {
    const { firstSeq, reachesStart } = this.#folded.log;
    if (!this.#isOpen || firstSeq === null || reachesStart) return;
    await this.#ask({ before: firstSeq, limit: pageSize });
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

  /** What failed before is asked for anew: the connection is back. */
  retry(): void {
    if (this.#failure !== null) this.#fail(null);
    if (this.#isOpen) this.#fillGaps();
    else this.open().catch(() => undefined);
  }

  #fillGaps(): void {
    for (const { after, before } of this.#folded.log.gaps) {
      const limit = Math.min(pageSize, before - after - 1);
      // What fails is said by the snapshot.
      this.#ask({ after, limit }).catch(() => undefined);
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
    try {
      const page = await this.#ports.fetchPage(query);
      then?.(page);
      this.#failure = null;
      this.#folded.log.know(page.lastSeq);
      const addition = this.#folded.add(page.messages);
      this.#changed();
      if (addition !== "nothing") this.#fillGaps();
    } catch (error) {
      this.#fail(error);
      throw error;
    }
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
      items,
      isOpen: this.#isOpen,
      reachesStart: log.reachesStart || this.#isEmpty,
      lastSeq: log.lastSeq,
      context,
      failure: this.#failure,
    };
  }
}
