/** What the sweeps wrote down about themselves, for some days. */
import type { UserId } from "@sam/domain/ids";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/** One row a sweep. It is written when the sweep begins, so one that died is seen, too. */
export const sweepsTable = sqliteTable(
  "sweeps",
  {
    sweepId: integer("sweep_id").primaryKey({ autoIncrement: true }),
    /** The time that the schedule gave it. */
    at: integer("at").notNull(),
    beganAt: integer("began_at").notNull(),
    /** Null while it runs, and for ever where it died. */
    endedAt: integer("ended_at"),
    /** JSON: what each part came to; see `sweep-book.ts`. Empty until it ended. */
    parts: text("parts").notNull(),
  },
  (table) => [index("sweeps_by_time").on(table.at)],
);

/** The same thing about the same subject is one row a day, however often it is found again. */
export const sweepFindingsTable = sqliteTable(
  "sweep_findings",
  {
    findingId: integer("finding_id").primaryKey({ autoIncrement: true }),
    /** Days since 1970. */
    day: integer("day").notNull(),
    part: text("part").notNull(),
    kind: text("kind").notNull(),
    subjectId: text("subject_id").notNull(),
    /** Null: nobody's, or the installation's. */
    ownerId: text("owner_id").$type<UserId>(),
    /** When it was first found on that day, and when last. */
    at: integer("at").notNull(),
    lastAt: integer("last_at").notNull(),
    times: integer("times").notNull(),
    detail: text("detail").notNull(),
  },
  (table) => [
    uniqueIndex("sweep_findings_by_subject").on(table.day, table.kind, table.subjectId),
    index("sweep_findings_by_time").on(table.lastAt),
  ],
);
