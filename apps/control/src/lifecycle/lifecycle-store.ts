/**
 * The durable side of a lifecycle object: facts, transitions and outbox in its own SQLite. A decision is committed in
 * one transaction, so an eviction between any two lines finds all of it or none.
 */
import { and, asc, desc, eq, inArray, isNotNull, isNull, lt, min, notInArray, sql } from "drizzle-orm";
import type { DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";

import { factsTable, outboxTable, transitionsTable } from "./lifecycle-tables.ts";

/** As many of the newest effects are kept as an export takes; of those that are older, only what is still owed. */
export const mostEffects = 2_000;
/** Each time that so many more were carried out, the older ones are dropped. */
const prunedEvery = 250;

export interface OutboxItem<Intent> {
  readonly id: number;
  readonly key: string;
  readonly lane: string;
  readonly intent: Intent;
  readonly memo: string | null;
  readonly attempts: number;
}

export interface NewIntent<Intent> {
  readonly key: string;
  readonly lane: string;
  readonly intent: Intent;
}

export interface TransitionRow {
  readonly version: number;
  readonly from: string | null;
  readonly to: string;
  readonly at: number;
  readonly cause: string;
}

export interface Commit<Facts, Intent> {
  readonly facts: Facts;
  readonly transitions: readonly TransitionRow[];
  readonly intents: readonly NewIntent<Intent>[];
  /** The outbox item whose outcome this commit records. */
  readonly completes: number | null;
  readonly now: number;
}

export class LifecycleStore<Facts extends { readonly request: object }, Intent> {
  readonly #database: DrizzleSqliteDODatabase;
  readonly #whole: (stored: Facts) => Facts;
  #facts: Facts | null = null;

  /** @param whole gives facts of an older version what they lack. */
  constructor(database: DrizzleSqliteDODatabase, whole: (stored: Facts) => Facts = (stored) => stored) {
    this.#database = database;
    this.#whole = whole;
  }

  /** @returns the facts, or null where this object was never begun. */
  load(): Facts | null {
    if (this.#facts !== null) return this.#facts;
    const row = this.#database.select().from(factsTable).get();
    if (row === undefined) return null;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what we wrote ourselves in `commit`
    const stored = { ...parseObject(row.facts), request: parseObject(row.request) } as Facts;
    this.#facts = this.#whole(stored);
    return this.#facts;
  }

  /** @param extra writes more rows inside the same transaction. */
  commit(commit: Commit<Facts, Intent>, extra: () => void): void {
    this.#database.transaction(() => {
      // Most looks find nothing to do: facts that stand there are not written again.
      if (commit.facts !== this.#facts) this.#writeFacts(commit.facts);
      for (const { version, from, to, at, cause } of commit.transitions) {
        this.#database.insert(transitionsTable).values({ version, fromStep: from, toStep: to, at, cause }).run();
      }
      for (const { key, lane, intent } of commit.intents) {
        this.#database
          .insert(outboxTable)
          .values({ key, lane, payload: JSON.stringify(intent), nextAttemptAt: commit.now })
          .run();
      }
      if (commit.completes !== null) this.#markDone(commit.completes, commit.now);
      extra();
    });
    this.#facts = commit.facts;
  }

  transitions(): TransitionRow[] {
    return this.#database
      .select({
        version: transitionsTable.version,
        from: transitionsTable.fromStep,
        to: transitionsTable.toStep,
        at: transitionsTable.at,
        cause: transitionsTable.cause,
      })
      .from(transitionsTable)
      .orderBy(asc(transitionsTable.version))
      .all();
  }

  /** @returns the first open item of each lane that is not busy, where its time has come. */
  dueHeads(now: number, busyLanes: readonly string[]): OutboxItem<Intent>[] {
    const heads = this.#database
      .select({ id: min(outboxTable.id) })
      .from(outboxTable)
      .where(and(isNull(outboxTable.doneAt), notInArray(outboxTable.lane, [...busyLanes, ""])))
      .groupBy(outboxTable.lane);
    return this.#database
      .select()
      .from(outboxTable)
      .where(and(inArray(outboxTable.id, heads), sql`${outboxTable.nextAttemptAt} <= ${now}`))
      .all()
      .map((row) => ({
        id: row.id,
        key: row.key,
        lane: row.lane,
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what we wrote ourselves in `commit`
        intent: JSON.parse(row.payload) as Intent,
        memo: row.memo,
        attempts: row.attempts,
      }));
  }

  hasOpen(lane: string): boolean {
    const open = and(isNull(outboxTable.doneAt), eq(outboxTable.lane, lane));
    return this.#database.select({ id: outboxTable.id }).from(outboxTable).where(open).limit(1).get() !== undefined;
  }

  /** @returns when the earliest head of a lane is due, in milliseconds since 1970; null where nothing is open. */
  nextAttemptAt(): number | null {
    const heads = this.#database
      .select({ id: min(outboxTable.id) })
      .from(outboxTable)
      .where(isNull(outboxTable.doneAt))
      .groupBy(outboxTable.lane);
    const row = this.#database
      .select({ at: min(outboxTable.nextAttemptAt) })
      .from(outboxTable)
      .where(inArray(outboxTable.id, heads))
      .get();
    return row?.at ?? null;
  }

  /** Written down before an effect, so that a second try of it does the same. */
  remember(id: number, memo: string): void {
    this.#database.update(outboxTable).set({ memo }).where(eq(outboxTable.id, id)).run();
  }

  complete(id: number, now: number): void {
    this.#markDone(id, now);
  }

  postpone(item: OutboxItem<Intent>, nextAttemptAt: number, error: string): void {
    this.#database
      .update(outboxTable)
      .set({ attempts: item.attempts + 1, nextAttemptAt, lastError: error.slice(0, 1000) })
      .where(eq(outboxTable.id, item.id))
      .run();
  }

  #markDone(id: number, now: number): void {
    this.#database.update(outboxTable).set({ doneAt: now, memo: null }).where(eq(outboxTable.id, id)).run();
    if (id % prunedEvery === 0) this.#prune();
  }

  /** A key that was dropped comes no second time: facts and versions count on. */
  #prune(): void {
    const { id, doneAt } = outboxTable;
    const newest = this.#database.select({ id }).from(outboxTable).orderBy(desc(id));
    const oldestKept = newest
      .limit(1)
      .offset(mostEffects - 1)
      .get();
    if (oldestKept === undefined) return;
    this.#database
      .delete(outboxTable)
      .where(and(isNotNull(doneAt), lt(id, oldestKept.id)))
      .run();
  }

  #writeFacts({ request, ...rest }: Facts): void {
    const facts = JSON.stringify(rest);
    this.#database
      .insert(factsTable)
      .values({ id: 1, request: JSON.stringify(request), facts })
      .onConflictDoUpdate({ target: factsTable.id, set: { facts } })
      .run();
  }
}

function parseObject(text: string): object {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw new TypeError("the stored facts are no object");
  return value;
}
