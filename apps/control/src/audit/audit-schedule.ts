/** The schedule notes that it fired: that the log begins, when it was last, and which sweeps before this one were missed. */
import { eq } from "drizzle-orm";
import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";

import { withinD1 } from "../api/d1-deadline.ts";
import { sweepMemoryTable } from "../database/schema.ts";
import { outagesOf, type Env } from "../env.ts";
import { report } from "../system/report.ts";
import { sweepsMissedFact } from "./audit-fact.ts";
import { writeFact } from "./audit-log.ts";
import { missedSweeps } from "./missed-sweeps.ts";

const memoryName = "schedule_fired_at";

/** Never throws: the sweep goes on whatever becomes of its audit. */
export async function auditSchedule(env: Env, now: number): Promise<void> {
  try {
    await withinD1(note(drizzle(env.DB), env, now));
  } catch (error) {
    report("the audit of the schedule", error);
  }
}

async function note(database: DrizzleD1Database, env: Env, now: number): Promise<void> {
  const lastAt = await lastScheduledAt(database);
  if (lastAt === null) {
    const begins = { at: now, kind: "log_begins", ownerId: null, subjectId: "sweep", mark: "log", detail: {} } as const;
    await writeFact(database, begins);
  }
  const missed = lastAt === null ? null : missedSweeps(lastAt, now, outagesOf(env));
  if (missed !== null) await writeFact(database, sweepsMissedFact(missed));
  const value = String(now);
  await database
    .insert(sweepMemoryTable)
    .values({ name: memoryName, value })
    .onConflictDoUpdate({ target: sweepMemoryTable.name, set: { value } })
    .run();
}

/** @returns when the schedule fired last, in milliseconds since 1970; null: it never did. */
export async function lastScheduledAt(database: DrizzleD1Database): Promise<number | null> {
  const { name, value } = sweepMemoryTable;
  const [row] = await database.select({ value }).from(sweepMemoryTable).where(eq(name, memoryName));
  return row === undefined ? null : Number(row.value);
}
