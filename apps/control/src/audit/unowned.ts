/** What the sweeps' book says that a provider lists, and nobody owns. Where no such book is kept yet, that is said. */
import type { UserId } from "@sam/domain/ids";
import type { AuditView } from "@sam/protocol/audit-api";
import { z } from "zod";

import type { Env } from "../env.ts";

const bookSchema = z.object({ tables: z.number() });
const beginsSchema = z.object({ at: z.number().nullable() });
const findingSchema = z.object({ at: z.number(), kind: z.string(), subjectId: z.string(), detail: z.string() });

const mostRead = 1_000;

/** @param from the beginning of the span, in milliseconds since 1970. */
export async function unownedResources(
  { DB }: Pick<Env, "DB">,
  ownerId: UserId,
  from: number,
): Promise<AuditView["unowned"]> {
  const book = await DB.prepare(
    "SELECT count(*) AS tables FROM sqlite_master WHERE type = 'table' AND name IN ('sweeps', 'sweep_findings')",
  ).first();
  if (bookSchema.parse(book).tables < 2) return { since: null, resources: [] };
  const first = await DB.prepare("SELECT min(at) AS at FROM sweeps").first();
  const begins = beginsSchema.parse(first).at;
  // The same subject is one row a day; here it is one, as it was found first.
  const { results } = await DB.prepare(
    `SELECT min(at) AS at, kind, subject_id AS subjectId, detail FROM sweep_findings
     WHERE kind IN ('unowned', 'kept') AND at >= ? AND (owner_id IS NULL OR owner_id = ?)
     GROUP BY subject_id ORDER BY at DESC LIMIT ?`,
  )
    .bind(from, ownerId, mostRead)
    .all();
  return { since: begins === null ? null : Math.max(begins, from), resources: z.array(findingSchema).parse(results) };
}
