/**
 * The receipt of each push: decided, taken by the push service, shown by the browser, clicked. It is written before the
 * push is sent, so a second try of the same push is known as one.
 */
import type { TaskId, UserId } from "@sam/domain/ids";
import type { PushReceipt } from "@sam/protocol/push-api";
import { and, desc, eq, inArray, isNull, lt, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";

import { withinD1 } from "../api/d1-deadline.ts";
import { pushReceiptsTable } from "./push-tables.ts";

export type ReceiptRow = typeof pushReceiptsTable.$inferSelect;

const { pushId: idOf, ownerId: owner, subscriptionId: subscriptionOf, taskId: taskOf, createdAt } = pushReceiptsTable;

/** Older ones are of no use to anyone. */
const keptMs = 30 * 24 * 60 * 60 * 1000;

export type NewReceipt = Pick<
  ReceiptRow,
  "pushId" | "ownerId" | "subscriptionId" | "browser" | "about" | "taskId" | "createdAt"
>;

/** Writes down what is about to be sent. What was written down before stays. @returns how each stands. */
export async function intend(database: DrizzleD1Database, receipts: readonly NewReceipt[]): Promise<ReceiptRow[]> {
  if (receipts.length === 0) return [];
  const ids = receipts.map(({ pushId }) => pushId);
  const rows = receipts.map((receipt) => ({ ...receipt, tries: 0 }));
  await withinD1(database.insert(pushReceiptsTable).values(rows).onConflictDoNothing().run());
  return withinD1(database.select().from(pushReceiptsTable).where(inArray(idOf, ids)));
}

export type Sent = Pick<ReceiptRow, "sentAt" | "status" | "problem" | "gaveUpAt">;

export async function noteSent(database: DrizzleD1Database, pushId: string, sent: Sent): Promise<void> {
  const tries = sql`${pushReceiptsTable.tries} + 1`;
  await withinD1(
    database
      .update(pushReceiptsTable)
      .set({ ...sent, tries })
      .where(eq(idOf, pushId))
      .run(),
  );
}

/** The wait is over, or was for too long: what was not sent by now will not be. */
export async function giveUp(
  database: DrizzleD1Database,
  pushIds: readonly string[],
  why: string,
  now: number,
): Promise<void> {
  if (pushIds.length === 0) return;
  const open = and(inArray(idOf, [...pushIds]), isNull(pushReceiptsTable.sentAt), isNull(pushReceiptsTable.gaveUpAt));
  const problem = sql`coalesce(${pushReceiptsTable.problem} || '; ', '') || ${why}`;
  await withinD1(database.update(pushReceiptsTable).set({ problem, gaveUpAt: now }).where(open).run());
}

/** The browser's own word, the first time that it is said. @returns whether there is such a push. */
export async function noteSeen(
  database: DrizzleD1Database,
  pushId: string,
  seen: "shown" | "clicked",
  now: number,
): Promise<boolean> {
  // Whatever was clicked was shown.
  const shownAt = sql`coalesce(${pushReceiptsTable.shownAt}, ${now})`;
  const clickedAt = sql`coalesce(${pushReceiptsTable.clickedAt}, ${now})`;
  const change = seen === "shown" ? { shownAt } : { shownAt, clickedAt };
  const result = await withinD1(database.update(pushReceiptsTable).set(change).where(eq(idOf, pushId)).run());
  return result.meta.changes > 0;
}

/** @returns how a push that was written down stands now. */
export async function readReceipt(database: DrizzleD1Database, pushId: string): Promise<PushReceipt> {
  const [row] = await withinD1(database.select().from(pushReceiptsTable).where(eq(idOf, pushId)));
  if (row === undefined) throw new Error(`there is no receipt of ${pushId}`);
  return receiptOf(row);
}

/** @returns the newest of each browser that was told something lately. */
export async function newestReceipts(
  database: DrizzleD1Database,
  ownerId: UserId,
): Promise<ReadonlyMap<string, PushReceipt>> {
  const rows = await withinD1(
    database.select().from(pushReceiptsTable).where(eq(owner, ownerId)).orderBy(desc(createdAt), desc(idOf)).limit(200),
  );
  return new Map(rows.toReversed().map((row) => [row.subscriptionId, receiptOf(row)]));
}

/** @returns the newest push to each browser about each of these tasks. */
export async function receiptsOfTasks(
  database: DrizzleD1Database,
  ownerId: UserId,
  taskIds: readonly TaskId[],
): Promise<ReadonlyMap<TaskId, PushReceipt[]>> {
  if (taskIds.length === 0) return new Map();
  const own = and(eq(owner, ownerId), inArray(taskOf, [...taskIds]));
  const rows = await withinD1(
    database.select().from(pushReceiptsTable).where(own).orderBy(desc(createdAt), desc(subscriptionOf)).limit(500),
  );
  const newest = new Map(rows.toReversed().map((row) => [`${row.taskId} ${row.subscriptionId}`, row]));
  const known = [...newest.values()].flatMap((row) => (row.taskId === null ? [] : [{ ...row, taskId: row.taskId }]));
  const byTask = Map.groupBy(known, ({ taskId }) => taskId);
  return new Map([...byTask].map(([taskId, receipts]) => [taskId, receipts.map(receiptOf)]));
}

export async function forgetOld(database: DrizzleD1Database, ownerId: UserId, now: number): Promise<void> {
  const old = and(eq(owner, ownerId), lt(createdAt, now - keptMs));
  await withinD1(database.delete(pushReceiptsTable).where(old).run());
}

function receiptOf({ ownerId: _ownerId, ...receipt }: ReceiptRow): PushReceipt {
  return receipt;
}
