/**
 * A walk over the rows that are due, in a ring: each sweep goes on behind the last one and begins again at the head once
 * it has come to the end. So rows that fail every time keep no other waiting: of n rows, each is visited at the latest
 * in the sweep number n / 200 from now on, rounded up; of a walk with a bound of its own, n / that.
 */
import type { Finding } from "@sam/domain/sweep-finding";
import { and, sql, type SQL } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";

import { builtOnce, given } from "../database/built-once.ts";
import { readPlace, writePlace, type Place } from "./sweep-memory.ts";
import type { SweepContext } from "./sweep-part.ts";

/** Rows that one sweep visits at most, where a walk has no bound of its own, and how many of them at once. */
export const rowsPerSweep = 200;
const rowsAtOnce = 50;

/** Which rows: those behind a place, or those up to and with it; in their order, and at most so many. */
export interface Range {
  readonly after: Place | null;
  readonly upTo: Place | null;
  readonly limit: number;
}

export interface RowWalk<Row> {
  readonly name: string;
  /** Rows that one sweep visits at most. */
  readonly atMost?: number;
  readonly due: (range: Range) => Promise<readonly Row[]>;
  readonly placeOf: (row: Row) => Place;
  /** @returns what was found, or null. Throws where the row could not be held against its owner. */
  readonly visit: (row: Row) => Promise<Finding | null>;
  /** What a row that could not be visited is told as. */
  readonly failed: (row: Row, why: string) => Finding;
}

/** Visits what is due. One row that fails or hangs stops no other. */
export async function walkRows<Row>(context: SweepContext, walk: RowWalk<Row>): Promise<void> {
  const { log, isOver } = context;
  const { atMost = rowsPerSweep } = walk;
  const due = await ahead(walk, await placeOf(context, walk.name), atMost + 1);
  const rows = due.slice(0, atMost);
  if (due.length > rows.length) log.leave();
  for (let from = 0; from < rows.length; from += rowsAtOnce) {
    if (isOver()) {
      log.leave();
      return;
    }
    const some = rows.slice(from, from + rowsAtOnce);
    // Noted before they are visited: rows that a sweep dies of are not the first that the next one visits.
    await note(context, walk, some);
    await Promise.all(
      some.map(async (row) => {
        const found = await walk.visit(row).catch((error: unknown) => walk.failed(row, String(error)));
        log.look(1);
        if (found !== null) log.find(found);
      }),
    );
  }
}

/** The rows behind this place, and then those from the head up to it: one more than a sweep visits, where there are more. */
async function ahead<Row>(walk: RowWalk<Row>, place: Place | null, limit: number): Promise<readonly Row[]> {
  const behind = await walk.due({ after: place, upTo: null, limit });
  if (place === null || behind.length === limit) return behind;
  return [...behind, ...(await walk.due({ after: null, upTo: place, limit: limit - behind.length }))];
}

/** Without its memory a sweep begins at the head: worse than where it was, and better than not at all. */
async function placeOf({ world }: SweepContext, name: string): Promise<Place | null> {
  try {
    return await readPlace(world.database, name);
  } catch (error) {
    world.report(`the sweep's place in ${name}`, error);
    return null;
  }
}

async function note<Row>({ world }: SweepContext, walk: RowWalk<Row>, rows: readonly Row[]): Promise<void> {
  const last = rows.at(-1);
  if (last === undefined) return;
  try {
    await writePlace(world.database, walk.name, walk.placeOf(last));
  } catch (error) {
    world.report(`the sweep's place in ${walk.name}`, error);
  }
}

/** How a query of due rows is asked: with these, and with what else it is given. */
export type RangeValues = Readonly<
  Record<"afterAt" | "afterId" | "upToAt" | "upToId" | "limit", string | number | null>
>;

export function valuesOf({ after, upTo, limit }: Range): RangeValues {
  return {
    afterAt: after?.at ?? null,
    afterId: after?.id ?? null,
    upToAt: upTo?.at ?? null,
    upToId: upTo?.id ?? null,
    limit,
  };
}

/**
 * A query of rows that are ordered by a time and then by an id, built once for each shape of a range: behind a place or
 * from the head on, up to a place or to the end.
 * @param build makes it of the range's condition, and prepares it.
 */
export function queryInRange<Query extends object>(
  time: SQLiteColumn,
  id: SQLiteColumn,
  build: (database: DrizzleD1Database, range: SQL | undefined) => Query,
): (database: DrizzleD1Database, range: Range) => Query {
  const behind = sql`(${time}, ${id}) > (${given("afterAt")}, ${given("afterId")})`;
  const upToThere = sql`(${time}, ${id}) <= (${given("upToAt")}, ${given("upToId")})`;
  const shape = (range: SQL | undefined) => builtOnce((database) => build(database, range));
  const all = shape(undefined);
  const tail = shape(behind);
  const front = shape(upToThere);
  const between = shape(and(behind, upToThere));
  return (database, { after, upTo }) => {
    if (after === null) return upTo === null ? all(database) : front(database);
    return upTo === null ? tail(database) : between(database);
  };
}
