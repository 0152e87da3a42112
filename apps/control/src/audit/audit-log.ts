/** Writes audit facts into D1, each once; and reads them. */
import type { UserId } from "@sam/domain/ids";
import { and, asc, desc, eq, gte, isNull, or } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";

import { withinD1 } from "../api/d1-deadline.ts";
import { report } from "../system/report.ts";
import { auditDetails, type AuditDetail, type AuditFact, type AuditKind } from "./audit-fact.ts";
import { auditFactsTable } from "./audit-tables.ts";

export async function writeFact(database: DrizzleD1Database, fact: AuditFact): Promise<void> {
  await database.insert(auditFactsTable).values(fact).onConflictDoNothing().run();
}

/**
 * Beside the work that found it, which must neither wait for it nor fail with it. A fact that could not be written is
 * in the system's log.
 */
export function noteFact(database: DrizzleD1Database, fact: AuditFact): void {
  withinD1(writeFact(database, fact)).catch((error: unknown) => {
    report(`audit: ${fact.kind} of ${fact.subjectId}`, error);
  });
}

const mostRead = 1_000;

export interface ReadFact<Kind extends AuditKind> {
  readonly at: number;
  readonly subjectId: string;
  readonly detail: AuditDetail<Kind>;
}

/** @returns the facts of a kind since then that concern this owner, newest first. One that cannot be read hides no other. */
export async function readFacts<Kind extends AuditKind>(
  database: DrizzleD1Database,
  kind: Kind,
  ownerId: UserId,
  since: number,
): Promise<ReadFact<Kind>[]> {
  const { ownerId: owner, kind: kinds, at } = auditFactsTable;
  const rows = await database
    .select()
    .from(auditFactsTable)
    .where(and(eq(kinds, kind), gte(at, since), or(eq(owner, ownerId), isNull(owner))))
    .orderBy(desc(at))
    .limit(mostRead);
  const schema = auditDetails[kind];
  return rows.flatMap((row) => {
    const detail = schema.safeParse(row.detail);
    if (!detail.success) report(`audit fact ${row.id}`, detail.error);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed by the schema of this very kind
    return detail.success ? [{ at: row.at, subjectId: row.subjectId, detail: detail.data as AuditDetail<Kind> }] : [];
  });
}

/** @returns since when facts are written down; null: no sweep has run yet. */
export async function logBeginsAt(database: DrizzleD1Database): Promise<number | null> {
  const begins = database
    .select({ at: auditFactsTable.at })
    .from(auditFactsTable)
    .where(eq(auditFactsTable.kind, "log_begins"))
    .orderBy(asc(auditFactsTable.at))
    .limit(1);
  return (await begins)[0]?.at ?? null;
}
