/**
 * The conversation of a task: one ordered stream with a contiguous `seq`, in the same SQLite as the lifecycle. A message
 * is numbered in the transaction that stores it, so it is shown once and in order, whatever was cut in between.
 */
import type { NewMessage } from "@sam/domain/message";
import type { SummedUp } from "@sam/domain/summary";
import { messageSchema, type Message } from "@sam/protocol/message";
import { and, asc, desc, eq, gt, lt, max, type SQL } from "drizzle-orm";
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
    const { seq: own } = messagesTable;
    return pageOf(this.#rows(gt(own, seq), asc(own), limit));
  }

  /** @returns the newest messages before `seq`, in order: at least one where there is one, at most a page. */
  before(seq: number, limit = pageSize): Message[] {
    const { seq: own } = messagesTable;
    return pageOf(this.#rows(lt(own, seq), desc(own), limit)).toReversed();
  }

  /** @returns what it takes to sum it up, in order: all that the user said, and the newest of the agent. */
  outline(): SummedUp[] {
    const { seq, author } = messagesTable;
    const newest = this.before(Number.MAX_SAFE_INTEGER);
    const ofUser = and(eq(author, "user"), lt(seq, newest[0]?.seq ?? 0));
    const messages = [...pageOf(this.#rows(ofUser, asc(seq), pageSize)), ...newest];
    return messages.flatMap(({ body }) => (body.kind === "prompt" || body.kind === "agent_update" ? [body] : []));
  }

  #rows(where: SQL | undefined, order: SQL, limit: number) {
    return this.#database
      .select()
      .from(messagesTable)
      .where(where)
      .orderBy(order)
      .limit(Math.min(limit, pageSize))
      .all();
  }
}

/** As many of the rows as one page holds, and at least one. */
function pageOf(rows: readonly (typeof messagesTable.$inferSelect)[]): Message[] {
  const page: Message[] = [];
  let bytes = 0;
  for (const row of rows) {
    bytes += JSON.stringify(row.body).length;
    if (page.length > 0 && bytes > pageBytes) break;
    page.push(messageSchema.parse(row));
  }
  return page;
}
