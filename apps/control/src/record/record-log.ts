/**
 * The flight recorder of a lifecycle object: every event that it handled, in its own SQLite and in the transaction of the
 * decision itself. It is bounded: what moved nothing but a clock is counted, and the oldest entries are dropped up to one
 * that holds all facts, so that what is left can be decided again.
 */
import { additionOf, type Newest, type RecordWords } from "@sam/domain/record/recording";
import { outcomeOf, type Decided } from "@sam/domain/record/redecide";
import type { Settings } from "@sam/domain/settings";
import { and, asc, count, desc, eq, gt, isNotNull, lt, lte, min, sql, type SQLWrapper } from "drizzle-orm";
import type { DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";

import type { Handled } from "../lifecycle/lifecycle-engine.ts";
import { report } from "../system/report.ts";
import { recordTable } from "./record-tables.ts";

/** Every so many entries hold all facts; only up to such an entry are older ones dropped. */
const factsEvery = 250;
export const mostEntries = 2_000;
const mostBytes = 8 * 1024 * 1024;
/** A longer event is not kept: what it said is in the conversation. */
const mostEventBytes = 64 * 1024;

export interface LogWords<Facts, Event, Moment> extends RecordWords<Facts, Event, Moment> {
  /** The event as it is kept: without what the conversation holds anyway. */
  readonly kept: (event: Event) => unknown;
  readonly settings: Settings;
}

interface Last<Moment> extends Newest<Moment> {
  readonly position: number;
  readonly settings: string;
}

export type MessageSpan = readonly [first: number, last: number] | null;

export class RecordLog<Facts extends { readonly request: object }, Event extends { readonly type: string }, Moment> {
  readonly #database: DrizzleSqliteDODatabase;
  readonly #words: LogWords<Facts, Event, Moment>;
  readonly #settings: string;
  #last: Last<Moment> | null = null;

  constructor(database: DrizzleSqliteDODatabase, words: LogWords<Facts, Event, Moment>) {
    this.#database = database;
    this.#words = words;
    this.#settings = JSON.stringify(words.settings);
  }

  /** To be called inside the transaction of the decision, which a recorder must not bring down: what fails is reported. */
  write(handled: Handled<Event>, made: Decided<Facts>, messages: MessageSpan = null): void {
    try {
      this.#write(handled, made, messages);
    } catch (error) {
      this.#last = null;
      report(`the record of ${handled.event?.type ?? "a beginning"}`, error);
    }
  }

  #write(handled: Handled<Event>, made: Decided<Facts>, messages: MessageSpan): void {
    const last = this.#last ?? this.#load();
    // Other settings are said by an entry of their own.
    const growing = last?.settings === this.#settings ? last : null;
    const addition = additionOf(this.#words, growing, handled, made);
    // Until it is written nothing is remembered: a transaction that fails leaves no trace.
    this.#last = null;
    this.#last =
      last !== null && addition.kind === "lull"
        ? this.#addToLull(last, addition)
        : this.#add(handled, made, messages, last);
  }

  #addToLull(last: Last<Moment>, { lulls, moment }: Newest<Moment>): Last<Moment> {
    this.#database
      .update(recordTable)
      .set({ lulls, atLast: JSON.stringify(moment) })
      .where(eq(recordTable.position, last.position))
      .run();
    return { ...last, lulls, moment };
  }

  #add(
    { event, at, completes }: Handled<Event>,
    made: Decided<Facts>,
    messages: MessageSpan,
    last: Last<Moment> | null,
  ): Last<Moment> {
    const moment = this.#words.momentOf(made.facts);
    const position = (last?.position ?? 0) + 1;
    // What began before there were records begins with its facts, since its beginning cannot be decided again.
    const holdsFacts = position % factsEvery === 0 || (last === null && event !== null);
    const { request: _request, ...facts } = made.facts;
    const settings = last?.settings === this.#settings ? null : this.#settings;
    this.#database
      .insert(recordTable)
      .values({
        position,
        at,
        type: event?.type ?? "begun",
        ...this.#eventOf(event),
        outcomeOf: completes,
        outcome: outcomeOf(made),
        firstMessage: messages?.[0] ?? null,
        lastMessage: messages?.[1] ?? null,
        after: JSON.stringify(moment),
        lulls: [],
        facts: holdsFacts ? JSON.stringify(facts) : null,
        settings,
      })
      .run();
    if (holdsFacts) this.#bound();
    return { position, lulls: [], moment, settings: this.#settings };
  }

  #eventOf(event: Event | null): { event: string | null; notKept: string | null } {
    if (event === null) return { event: null, notKept: null };
    const text = JSON.stringify(this.#words.kept(event));
    if (text.length <= mostEventBytes) return { event: text, notKept: null };
    return { event: null, notKept: `it is ${text.length} characters long; what it said is in the conversation` };
  }

  /** Drops the oldest entries, up to the next one that holds all facts, until the rest is small enough. */
  #bound(): void {
    const { position, facts, event, after } = recordTable;
    for (;;) {
      const size = (column: SQLWrapper) => sql`coalesce(length(${column}), 0)`;
      const length = sql<number>`total(${size(event)} + ${size(facts)} + ${size(after)})`;
      const kept = this.#database.select({ entries: count(), bytes: length, first: min(position) }).from(recordTable);
      const { entries = 0, bytes = 0, first = null } = kept.get() ?? {};
      if (first === null || (entries <= mostEntries && bytes <= mostBytes)) return;
      const holding = this.#database
        .select({ position })
        .from(recordTable)
        .where(and(isNotNull(facts), gt(position, first)));
      const next = holding.orderBy(asc(position)).limit(1).get();
      if (next === undefined) return;
      this.#carrySettingsTo(next.position);
      this.#database.delete(recordTable).where(lt(position, next.position)).run();
    }
  }

  /** The settings that count from there on are said by an entry that goes. */
  #carrySettingsTo(position: number): void {
    const settings = this.#settingsAt(position);
    this.#database.update(recordTable).set({ settings }).where(eq(recordTable.position, position)).run();
  }

  #settingsAt(position: number): string | null {
    const { settings, position: own } = recordTable;
    const said = this.#database
      .select({ settings })
      .from(recordTable)
      .where(and(lte(own, position), isNotNull(settings)))
      .orderBy(desc(own))
      .limit(1)
      .get();
    return said?.settings ?? null;
  }

  #load(): Last<Moment> | null {
    const newest = this.#database.select().from(recordTable).orderBy(desc(recordTable.position)).limit(1).get();
    if (newest === undefined) return null;
    const { position, lulls, after, atLast } = newest;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what we wrote ourselves in `write`
    const moment = JSON.parse(atLast ?? after) as Moment;
    return { position, lulls, moment, settings: this.#settingsAt(position) ?? "" };
  }
}
