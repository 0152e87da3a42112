/** The tables of a TaskRunner: those of every lifecycle, and its conversation. */
import type { MessageBody, NewMessage } from "@sam/domain/message";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** One ordered stream with a contiguous `seq` from 1. */
export const messagesTable = sqliteTable("messages", {
  seq: integer("seq").primaryKey(),
  at: integer("at").notNull(),
  author: text("author").$type<NewMessage["author"]>().notNull(),
  body: text("body", { mode: "json" }).$type<MessageBody>().notNull(),
});
