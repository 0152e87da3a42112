/** Reads what a lifecycle object recorded, in the shape in which it leaves the object. */
import type { RecordedEffect } from "@sam/protocol/record";
import { asc, desc, inArray, isNull, or } from "drizzle-orm";
import type { DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";

import { mostEffects } from "../lifecycle/lifecycle-store.ts";
import { outboxTable } from "../lifecycle/lifecycle-tables.ts";
import { recordTable } from "./record-tables.ts";

/** @returns the record, parsed from what stands in the table and not yet checked. */
export function readRecord(database: DrizzleSqliteDODatabase) {
  const rows = database.select().from(recordTable).orderBy(asc(recordTable.position)).all();
  const first = rows[0];
  return {
    dropped: (first?.position ?? 1) - 1,
    beginsLate: first === undefined || (first.position === 1 && first.type !== "begun"),
    entries: rows.map(({ firstMessage, lastMessage, event, after, atLast, facts, settings, ...row }) => ({
      ...row,
      event: parsed(event),
      messages: firstMessage === null || lastMessage === null ? null : [firstMessage, lastMessage],
      after: parsed(after),
      atLast: parsed(atLast),
      facts: parsed(facts),
      settings: parsed(settings),
    })),
  };
}

/**
 * @returns the newest effects that were asked for, and each that is still owed, in their order, with their tries and what
 * the last failure said.
 */
export function readEffects(database: DrizzleSqliteDODatabase): RecordedEffect[] {
  const { id: position, doneAt: whenDone } = outboxTable;
  const newest = database.select({ id: position }).from(outboxTable).orderBy(desc(position)).limit(mostEffects);
  return database
    .select()
    .from(outboxTable)
    .where(or(isNull(whenDone), inArray(position, newest)))
    .orderBy(asc(position))
    .all()
    .map(({ id, key, lane, payload, memo, attempts, nextAttemptAt, doneAt, lastError }) => ({
      id,
      key,
      lane,
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the store wrote itself
      intent: JSON.parse(payload) as RecordedEffect["intent"],
      tries: attempts + (doneAt === null ? 0 : 1),
      doneAt,
      nextTryAt: doneAt === null ? nextAttemptAt : null,
      lastError,
      memo,
    }));
}

function parsed(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}
