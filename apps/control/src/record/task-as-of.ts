/** What a TaskRunner's own tables tell of a moment of its past. */
import { momentAt } from "@sam/domain/record/task-moment";
import { messageSchema, type Message } from "@sam/protocol/message";
import { lullSchema, taskMomentSchema } from "@sam/protocol/record";
import type { TaskView, TransitionView } from "@sam/protocol/task-api";
import { taskAsOf, type TaskAsOf } from "@sam/protocol/task-as-of";
import { and, asc, desc, eq, gt, inArray, lt, lte, max, min, ne, sql } from "drizzle-orm";
import type { DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";
import { z } from "zod";

import { messagesTable } from "../task/task-tables.ts";
import { recordTable } from "./record-tables.ts";

/** What a status is made of, beside the clocks. */
const telling = [
  "permission",
  "permission_settled",
  "verdicts",
  "turn_ended",
] as const satisfies Message["body"]["kind"][];

export function readAsOf(
  database: DrizzleSqliteDODatabase,
  task: TaskView,
  transitions: readonly TransitionView[],
  wantedAt: number,
): TaskAsOf {
  const at = Math.max(wantedAt, task.createdAt);
  const known = readMoment(database, at);
  const past = { transitions, known, messages: readTelling(database, at) };
  const shown = taskAsOf(task, past, at);
  const clocksKnown = known?.moment.version === shown.version;
  const counted = known?.counted ?? null;
  return { at, task: shown, clocksKnown, counted, ...neighboursOf(database, at) };
}

function readMoment(database: DrizzleSqliteDODatabase, at: number) {
  const { at: decidedAt, position, after, atLast, lulls } = recordTable;
  const newest = database
    .select({ after, atLast, lulls })
    .from(recordTable)
    .where(lte(decidedAt, at))
    .orderBy(desc(position))
    .limit(1)
    .get();
  if (newest === undefined) return null;
  const entry = {
    after: taskMomentSchema.parse(JSON.parse(newest.after)),
    atLast: newest.atLast === null ? null : taskMomentSchema.parse(JSON.parse(newest.atLast)),
    lulls: z.array(lullSchema).parse(newest.lulls),
  };
  return momentAt(entry, at, agentSaidAt(database, at));
}

function agentSaidAt(database: DrizzleSqliteDODatabase, until: number): number | null {
  const { at, author } = messagesTable;
  const newest = database
    .select({ at: max(at) })
    .from(messagesTable)
    .where(and(eq(author, "agent"), lte(at, until)));
  return newest.get()?.at ?? null;
}

function readTelling(database: DrizzleSqliteDODatabase, until: number): Message[] {
  const { at, seq, author, body } = messagesTable;
  const kind = sql`json_extract(${body}, '$.kind')`;
  return database
    .select()
    .from(messagesTable)
    .where(and(ne(author, "agent"), lte(at, until), inArray(kind, [...telling])))
    .orderBy(asc(seq))
    .all()
    .map((row) => messageSchema.parse(row));
}

/** When something was decided or said last before, and first after that moment. */
function neighboursOf(database: DrizzleSqliteDODatabase, at: number): Pick<TaskAsOf, "before" | "after"> {
  const { at: decided } = recordTable;
  const { at: said } = messagesTable;
  const before = [
    database
      .select({ at: max(decided) })
      .from(recordTable)
      .where(lt(decided, at))
      .get()?.at ?? null,
    database
      .select({ at: max(said) })
      .from(messagesTable)
      .where(lt(said, at))
      .get()?.at ?? null,
  ].filter((time) => time !== null);
  const after = [
    database
      .select({ at: min(decided) })
      .from(recordTable)
      .where(gt(decided, at))
      .get()?.at ?? null,
    database
      .select({ at: min(said) })
      .from(messagesTable)
      .where(gt(said, at))
      .get()?.at ?? null,
  ].filter((time) => time !== null);
  return {
    before: before.length === 0 ? null : Math.max(...before),
    after: after.length === 0 ? null : Math.min(...after),
  };
}
