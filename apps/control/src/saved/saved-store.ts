/** Saved work in D1: one row a task, as its TaskRunner knows it. One row that cannot be read hides no other. */
import type { TaskId, UserId } from "@sam/domain/ids";
import type { SavedWork } from "@sam/domain/saved-work";
import type { TaskFacts } from "@sam/domain/task-facts";
import { savedWorkSchema, type SavedWorkRow } from "@sam/protocol/saved-work-api";
import { and, desc, eq, lt, ne } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";

import { builtOnce, excluded, given } from "../database/built-once.ts";
import { savedWorksTable } from "./saved-tables.ts";
import { savedWorkView } from "./saved-view.ts";

export interface SavedPage {
  readonly works: SavedWorkRow[];
  readonly nextBefore: string | null;
  readonly unreadable: string[];
}

export interface SavedQuery {
  readonly before: TaskId | undefined;
  /** Also what is removed. */
  readonly all: boolean;
  readonly limit: number;
}

const upsert = builtOnce((database) =>
  database
    .insert(savedWorksTable)
    .values({
      taskId: given("taskId"),
      ownerId: given("ownerId"),
      title: given("title"),
      repositoryUrl: given("repositoryUrl"),
      nodeId: given("nodeId"),
      place: given("place"),
      savedAt: given("savedAt"),
      work: given("work"),
    })
    .onConflictDoUpdate({
      target: savedWorksTable.taskId,
      set: {
        title: excluded(savedWorksTable.title),
        repositoryUrl: excluded(savedWorksTable.repositoryUrl),
        nodeId: excluded(savedWorksTable.nodeId),
        place: excluded(savedWorksTable.place),
        savedAt: excluded(savedWorksTable.savedAt),
        work: excluded(savedWorksTable.work),
      },
    })
    .prepare(),
);

/** Only the task's own runner writes its row, one write after the other. */
export async function writeSavedWork(database: DrizzleD1Database, facts: TaskFacts, work: SavedWork): Promise<void> {
  const { taskId, ownerId, repository } = facts.request;
  const { nodeId, place, savedAt } = work;
  const { title } = facts;
  await upsert(database).run({ taskId, ownerId, title, repositoryUrl: repository.url, nodeId, place, savedAt, work });
}

/** Those of the newest tasks first. */
export async function listSavedWork(
  database: DrizzleD1Database,
  ownerId: UserId,
  query: SavedQuery,
): Promise<SavedPage> {
  const { before, all, limit } = query;
  const rows = await database
    .select()
    .from(savedWorksTable)
    .where(
      and(
        eq(savedWorksTable.ownerId, ownerId),
        before === undefined ? undefined : lt(savedWorksTable.taskId, before),
        all ? undefined : ne(savedWorksTable.place, "removed"),
      ),
    )
    .orderBy(desc(savedWorksTable.taskId))
    .limit(limit);
  const parsed = rows.map((row) => ({ row, work: savedWorkSchema.safeParse(row.work) }));
  return {
    works: parsed.flatMap(({ row: { taskId, title, repositoryUrl }, work }) =>
      work.success ? [{ taskId, title, repositoryUrl, savedWork: savedWorkView(taskId, work.data) }] : [],
    ),
    unreadable: parsed.flatMap(({ row, work }) => (work.success ? [] : [row.taskId])),
    nextBefore: rows.length === limit ? (rows.at(-1)?.taskId ?? null) : null,
  };
}
