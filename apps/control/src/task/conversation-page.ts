/** A page of a conversation, as a query asks for one; also as it was at any time. */
import { lte, max } from "drizzle-orm";
import type { DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";

import type { Conversation } from "./conversation.ts";
import { messagesTable } from "./task-tables.ts";

/** @param query `after` or `before` a seq, at most `limit`; `asOf` a time in milliseconds since 1970, or now. */
export function conversationPage(
  conversation: Conversation,
  database: DrizzleSqliteDODatabase,
  query: URLSearchParams,
) {
  const asOf = query.get("asOf");
  const lastSeq = asOf === null ? conversation.lastSeq : lastSeqAt(database, Number(asOf));
  const limit = Number(query.get("limit") ?? "500");
  const before = query.get("before");
  const messages =
    before === null
      ? conversation.after(Number(query.get("after") ?? "0"), limit)
      : conversation.before(Math.min(Number(before), lastSeq + 1), limit);
  return { messages: messages.filter(({ seq }) => seq <= lastSeq), lastSeq };
}

function lastSeqAt(database: DrizzleSqliteDODatabase, at: number): number {
  const { seq, at: said } = messagesTable;
  const newest = database
    .select({ seq: max(seq) })
    .from(messagesTable)
    .where(lte(said, at));
  return newest.get()?.seq ?? 0;
}
