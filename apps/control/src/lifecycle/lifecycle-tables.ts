/** The tables that every lifecycle object has in its own SQLite: its facts, its transitions and its outbox. */
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** One row. `request` is what never changes and may be large; `facts` is the rest, written with every event. */
export const factsTable = sqliteTable("facts", {
  id: integer("id").primaryKey(),
  request: text("request").notNull(),
  facts: text("facts").notNull(),
});

export const transitionsTable = sqliteTable("transitions", {
  version: integer("version").primaryKey(),
  fromStep: text("from_step"),
  toStep: text("to_step").notNull(),
  at: integer("at").notNull(),
  cause: text("cause").notNull(),
});

/** Intents: each is carried out, in the order of its lane, until it is done. */
export const outboxTable = sqliteTable(
  "outbox",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    key: text("key").notNull().unique(),
    lane: text("lane").notNull(),
    payload: text("payload").notNull(),
    /** What carrying it out wrote down before its effect, so that a second try does the same and not another. */
    memo: text("memo"),
    attempts: integer("attempts").notNull().default(0),
    nextAttemptAt: integer("next_attempt_at").notNull(),
    doneAt: integer("done_at"),
    lastError: text("last_error"),
  },
  (table) => [index("outbox_open").on(table.doneAt, table.lane, table.id)],
);
