/**
 * The book of the sweeps: one row for each that began, with what its parts came to once it ended, and what they found,
 * each thing once a day. Whoever reads is shown what is theirs or nobody's.
 */
import type { UserId } from "@sam/domain/ids";
import { findingSchema, sweepPartSchema, type FindingView, type SweepView } from "@sam/protocol/sweep-api";
import { and, desc, eq, gte, isNotNull, isNull, or, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { z } from "zod";

import { builtOnce, excluded, given } from "../database/built-once.ts";
import type { PartReport } from "./part-log.ts";
import { jsonOf } from "./sweep-memory.ts";
import { sweepFindingsTable, sweepsTable } from "./sweep-tables.ts";

const dayMs = 24 * 60 * 60 * 1000;

const begun = builtOnce((database) =>
  database
    .insert(sweepsTable)
    .values({ at: given("at"), beganAt: given("beganAt"), endedAt: null, parts: "[]" })
    .returning({ sweepId: sweepsTable.sweepId })
    .prepare(),
);

const ended = builtOnce((database) =>
  database
    .update(sweepsTable)
    .set({ endedAt: sql`${given("endedAt")}`, parts: sql`${given("parts")}` })
    .where(eq(sweepsTable.sweepId, given("sweepId")))
    .prepare(),
);

/** @returns the sweep's number. */
export async function beginSweep(database: DrizzleD1Database, at: number, beganAt: number): Promise<number> {
  const [made] = await begun(database).all({ at, beganAt });
  if (made === undefined) throw new Error("D1 took no row for this sweep");
  return made.sweepId;
}

export async function endSweep(
  database: DrizzleD1Database,
  sweepId: number,
  endedAt: number,
  parts: readonly PartReport[],
): Promise<void> {
  await ended(database).run({ sweepId, endedAt, parts: JSON.stringify(parts) });
}

/** Findings as one text of JSON. */
const found = builtOnce((database) => {
  const value = (name: string) => sql`json_extract(value, ${sql.raw(`'$.${name}'`)})`;
  const now = sql`${given("now")}`;
  const columns = [sql`null`, sql`${given("day")}`, ...["part", "kind", "subjectId", "ownerId"].map(value)];
  return database
    .insert(sweepFindingsTable)
    .select(
      sql`select ${sql.join([...columns, now, now, sql`1`, value("detail")], sql`, `)} from json_each(${given("findings")}) where true`,
    )
    .onConflictDoUpdate({
      target: [sweepFindingsTable.day, sweepFindingsTable.kind, sweepFindingsTable.subjectId],
      set: {
        lastAt: excluded(sweepFindingsTable.lastAt),
        times: sql`${sweepFindingsTable.times} + 1`,
        detail: excluded(sweepFindingsTable.detail),
      },
    })
    .prepare();
});

/** Found again on the same day it is the same row, with its last time and its newest detail. */
export async function recordFindings(
  database: DrizzleD1Database,
  now: number,
  parts: readonly PartReport[],
): Promise<void> {
  const day = Math.floor(now / dayMs);
  const findings = parts.flatMap((report) => report.findings.map((finding) => ({ ...finding, part: report.part })));
  if (findings.length > 0) await found(database).run({ day, now, findings: JSON.stringify(findings) });
}

/** @returns the last sweep that ended. */
export async function readLastSweep(database: DrizzleD1Database, ownerId: UserId): Promise<SweepView | null> {
  const rows = await database
    .select()
    .from(sweepsTable)
    .where(isNotNull(sweepsTable.endedAt))
    .orderBy(desc(sweepsTable.at), desc(sweepsTable.sweepId))
    .limit(1);
  return rows.map((row) => viewOf(row, ownerId))[0] ?? null;
}

/** @returns the sweeps since then, newest first. */
export async function listSweeps(
  database: DrizzleD1Database,
  ownerId: UserId,
  since: number,
  limit: number,
): Promise<SweepView[]> {
  const rows = await database
    .select()
    .from(sweepsTable)
    .where(gte(sweepsTable.at, since))
    .orderBy(desc(sweepsTable.at), desc(sweepsTable.sweepId))
    .limit(limit);
  return rows.map((row) => viewOf(row, ownerId));
}

/** @returns what was found since then and is theirs or nobody's; the last seen first. */
export async function listFindings(
  database: DrizzleD1Database,
  ownerId: UserId,
  since: number,
  limit: number,
): Promise<FindingView[]> {
  const theirs = or(isNull(sweepFindingsTable.ownerId), eq(sweepFindingsTable.ownerId, ownerId));
  const rows = await database
    .select()
    .from(sweepFindingsTable)
    .where(and(gte(sweepFindingsTable.lastAt, since), theirs))
    .orderBy(desc(sweepFindingsTable.lastAt), desc(sweepFindingsTable.findingId))
    .limit(limit);
  // One row of a kind that this version does not know hides no other.
  return rows.flatMap((row) => findingSchema.safeParse(row).data ?? []);
}

const storedPartSchema = sweepPartSchema.extend({
  findings: z.array(sweepPartSchema.shape.findings.element.extend({ ownerId: z.string().nullable() })),
});

function viewOf({ at, endedAt, parts }: typeof sweepsTable.$inferSelect, ownerId: UserId): SweepView {
  const stored = z.array(z.unknown()).safeParse(jsonOf(parts)).data ?? [];
  return {
    at,
    endedAt,
    parts: stored.flatMap((part) => {
      const whole = storedPartSchema.safeParse(part).data;
      if (whole === undefined) return [];
      const findings = whole.findings
        .filter((finding) => finding.ownerId === null || finding.ownerId === ownerId)
        .map(({ kind, subjectId, detail }) => ({ kind, subjectId, detail }));
      return [{ ...whole, findings }];
    }),
  };
}
