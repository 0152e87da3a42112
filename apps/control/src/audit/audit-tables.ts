/** What SAM found out about itself, written down where it arose and never changed. */
import type { UserId } from "@sam/domain/ids";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

import type { AuditKind } from "./audit-fact.ts";

export const auditFactsTable = sqliteTable(
  "audit_facts",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    at: integer("at").notNull(),
    kind: text("kind").$type<AuditKind>().notNull(),
    /** Null: it is about the whole installation. */
    ownerId: text("owner_id").$type<UserId>(),
    /** A task, a node, or `sweep`. */
    subjectId: text("subject_id").notNull(),
    /** Tells the same fact, found again, from another one of the same subject. */
    mark: text("mark").notNull(),
    detail: text("detail", { mode: "json" }).notNull(),
  },
  (table) => [
    uniqueIndex("audit_facts_once").on(table.kind, table.subjectId, table.mark),
    index("audit_facts_by_kind").on(table.kind, table.at),
  ],
);
