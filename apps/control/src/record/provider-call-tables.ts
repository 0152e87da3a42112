/** What a node asked its provider, and what it replied. */
import { integer, real, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const providerCallsTable = sqliteTable("provider_calls", {
  id: integer("id").primaryKey({ autoIncrement: true }),
  at: integer("at").notNull(),
  lastAt: integer("last_at").notNull(),
  count: integer("count").notNull(),
  call: text("call").notNull(),
  asked: text("asked").notNull(),
  tookMs: real("took_ms").notNull(),
  failed: integer("failed", { mode: "boolean" }).notNull(),
  reply: text("reply").notNull(),
});
