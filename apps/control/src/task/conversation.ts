/**
 * The conversation of a task: one ordered stream with a contiguous `seq`, in the same SQLite as the lifecycle. A message
 * is numbered in the transaction that stores it, so it is shown once and in order, whatever was cut in between.
 */
import type { NewMessage } from "@sam/domain/message";
import { messageSchema, type Message } from "@sam/protocol/message";
import { asc, gt, max } from "drizzle-orm";
import type { DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";

import { messagesTable } from "./task-tables.ts";

/** How many messages one page or frame holds at most; also kept below this many bytes of JSON. */
const pageSize = 500;
const pageBytes = 1024 * 1024;

export class Conversation {
  readonly #database: DrizzleSqliteDODatabase;

  constructor(database: DrizzleSqliteDODatabase) {
    this.#database = database;
  }

  get lastSeq(): number {
    const newest = this.#database.select({ seq: max(messagesTable.seq) }).from(messagesTable);
    return newest.get()?.seq ?? 0;
  }

  /** Numbers and stores messages. To be called inside the transaction of the decision that they belong to. */
  append(messages: readonly NewMessage[], now: number): void {
    let seq = this.lastSeq;
    for (const { author, body } of messages) {
      seq += 1;
      this.#database.insert(messagesTable).values({ seq, at: now, author, body }).run();
    }
  }

  /** @returns the messages after `seq`, in order: at least one where there is one, at most a page. */
  after(seq: number, limit = pageSize): Message[] {
    const rows = this.#database
      .select()
      .from(messagesTable)
      .where(gt(messagesTable.seq, seq))
      .orderBy(asc(messagesTable.seq))
      .limit(Math.min(limit, pageSize))
      .all();
    const page: Message[] = [];
    let bytes = 0;
    for (const row of rows) {
      bytes += JSON.stringify(row.body).length;
      if (page.length > 0 && bytes > pageBytes) break;
      page.push(messageSchema.parse(row));
    }
    return page;
  }
}
