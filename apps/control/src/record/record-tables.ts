/** The table of a record: what the object handled. */
import type { Lull, RecordedOutcome } from "@sam/domain/record/record-entry";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const recordTable = sqliteTable("record", {
  position: integer("position").primaryKey(),
  at: integer("at").notNull(),
  type: text("type").notNull(),
  /** JSON; null: it began, or it was not kept. */
  event: text("event"),
  notKept: text("not_kept"),
  /** The row of the outbox whose outcome it is. */
  outcomeOf: integer("outcome_of"),
  outcome: text("outcome", { mode: "json" }).$type<RecordedOutcome>().notNull(),
  firstMessage: integer("first_message"),
  lastMessage: integer("last_message"),
  /** JSON: the clocks and deadlines after it, and after the last event of its lulls. */
  after: text("after").notNull(),
  lulls: text("lulls", { mode: "json" }).$type<readonly Lull[]>().notNull(),
  atLast: text("at_last"),
  /** JSON: all facts but the request; from here on it can be decided again. */
  facts: text("facts"),
  settings: text("settings"),
});
