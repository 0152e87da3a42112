/** Tasks as D1 lists them, scoped by their owner. One row that cannot be read hides no other. */
import type { ProjectId, TaskId, UserId } from "@sam/domain/ids";
import { taskRowSchema, type TaskRow } from "@sam/protocol/task-api";
import { and, desc, eq, lt } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";

import { builtOnce, given } from "../database/built-once.ts";
import { tasksTable } from "../database/schema.ts";

export interface TaskPage {
  readonly tasks: TaskRow[];
  readonly nextBefore: string | null;
  readonly unreadable: string[];
}

export interface TaskQuery {
  readonly before: TaskId | undefined;
  readonly step: TaskRow["step"] | undefined;
  readonly projectId: ProjectId | undefined;
  readonly limit: number;
}

/** Newest first; ids are ULIDs, so their order is the order in which they were made. */
export async function listTasks(database: DrizzleD1Database, ownerId: UserId, query: TaskQuery): Promise<TaskPage> {
  const { before, step, projectId, limit } = query;
  const rows = await database
    .select()
    .from(tasksTable)
    .where(
      and(
        eq(tasksTable.ownerId, ownerId),
        before === undefined ? undefined : lt(tasksTable.taskId, before),
        step === undefined ? undefined : eq(tasksTable.step, step),
        projectId === undefined ? undefined : eq(tasksTable.projectId, projectId),
      ),
    )
    .orderBy(desc(tasksTable.taskId))
    .limit(limit);
  const parsed = rows.map((row) => ({ row, result: taskRowSchema.safeParse(row) }));
  return {
    tasks: parsed.flatMap(({ result }) => (result.success ? [result.data] : [])),
    unreadable: parsed.flatMap(({ row, result }) => (result.success ? [] : [row.taskId])),
    nextBefore: rows.length === limit ? (rows.at(-1)?.taskId ?? null) : null,
  };
}

const ownTask = builtOnce((database) =>
  database
    .select({ taskId: tasksTable.taskId })
    .from(tasksTable)
    .where(and(eq(tasksTable.taskId, given("taskId")), eq(tasksTable.ownerId, given("ownerId"))))
    .prepare(),
);

/** @returns whether this owner has such a task: the check in front of every route of one task. */
export async function ownsTask(database: DrizzleD1Database, ownerId: UserId, taskId: TaskId): Promise<boolean> {
  const rows = await ownTask(database).all({ taskId, ownerId });
  return rows.length > 0;
}
