/**
 * The D1 row of a task: a projection of its TaskRunner, and only of it. A write with a version that is not newer changes
 * nothing; `updated_at` is the time of the transition. One transition, one row change.
 */
import type { TaskId } from "@sam/domain/ids";
import type { Transition } from "@sam/domain/task-event";
import type { TaskFacts } from "@sam/domain/task-facts";
import { isFinal } from "@sam/domain/task-lifecycle";
import { verdictColour } from "@sam/domain/verdicts";
import { eq, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";

import { builtOnce, excluded, given } from "../database/built-once.ts";
import { tasksTable, workspacesTable } from "../database/schema.ts";

export type TaskProjection = typeof tasksTable.$inferSelect;

export function projectionOf({ facts, at }: Transition): TaskProjection {
  const { request, step } = facts;
  return {
    taskId: request.taskId,
    ownerId: request.ownerId,
    projectId: request.projectId,
    title: facts.title,
    agentId: request.agentId,
    repositoryUrl: request.repository.url,
    step,
    version: facts.version,
    failureReason: facts.failure?.reason ?? null,
    colour: isFinal(step) ? verdictColour(step, facts.verdicts) : null,
    nodeId: facts.nodeId,
    createdAt: facts.createdAt,
    updatedAt: at,
    deadlineAt: facts.deadlineAt,
    writtenBy: "task_runner",
  };
}

const upsert = builtOnce((database) =>
  database
    .insert(tasksTable)
    .values({
      taskId: given("taskId"),
      ownerId: given("ownerId"),
      projectId: given("projectId"),
      title: given("title"),
      agentId: given("agentId"),
      repositoryUrl: given("repositoryUrl"),
      step: given("step"),
      version: given("version"),
      failureReason: given("failureReason"),
      colour: given("colour"),
      nodeId: given("nodeId"),
      createdAt: given("createdAt"),
      updatedAt: given("updatedAt"),
      deadlineAt: given("deadlineAt"),
      writtenBy: given("writtenBy"),
    })
    .onConflictDoUpdate({
      target: tasksTable.taskId,
      set: {
        projectId: excluded(tasksTable.projectId),
        title: excluded(tasksTable.title),
        agentId: excluded(tasksTable.agentId),
        repositoryUrl: excluded(tasksTable.repositoryUrl),
        step: excluded(tasksTable.step),
        version: excluded(tasksTable.version),
        failureReason: excluded(tasksTable.failureReason),
        colour: excluded(tasksTable.colour),
        nodeId: excluded(tasksTable.nodeId),
        updatedAt: excluded(tasksTable.updatedAt),
        deadlineAt: excluded(tasksTable.deadlineAt),
        writtenBy: excluded(tasksTable.writtenBy),
      },
      // What the sweep ended in the absence of its runner stays ended.
      setWhere: sql`${tasksTable.version} < ${excluded(tasksTable.version)} and ${tasksTable.writtenBy} <> 'sweep'`,
    })
    .prepare(),
);

/** @returns `ended_by_sweep` where the sweep had to end the row in the runner's absence: that end stands. */
export async function writeProjection(
  database: DrizzleD1Database,
  row: TaskProjection,
): Promise<"written" | "not_newer" | "ended_by_sweep"> {
  const result = await upsert(database).run(row);
  if (result.meta.changes > 0) return "written";
  return (await wasEndedBySweep(database, row.taskId)) ? "ended_by_sweep" : "not_newer";
}

const writer = builtOnce((database) =>
  database
    .select({ writtenBy: tasksTable.writtenBy })
    .from(tasksTable)
    .where(eq(tasksTable.taskId, given("taskId")))
    .prepare(),
);

/** @returns whether the sweep ended this task's row, in the absence of its runner. */
export async function wasEndedBySweep(database: DrizzleD1Database, taskId: TaskId): Promise<boolean> {
  const [found] = await writer(database).all({ taskId });
  return found?.writtenBy === "sweep";
}

const workspace = builtOnce((database) =>
  database
    .insert(workspacesTable)
    .values({
      workspaceId: given("workspaceId"),
      ownerId: given("ownerId"),
      taskId: given("taskId"),
      nodeId: given("nodeId"),
      branch: given("branch"),
      state: given("state"),
      createdAt: given("now"),
      updatedAt: given("now"),
    })
    .onConflictDoUpdate({
      target: workspacesTable.workspaceId,
      set: {
        taskId: excluded(workspacesTable.taskId),
        branch: excluded(workspacesTable.branch),
        state: excluded(workspacesTable.state),
        nodeId: excluded(workspacesTable.nodeId),
        updatedAt: excluded(workspacesTable.updatedAt),
      },
      setWhere: sql`${workspacesTable.taskId} in (${given("taskId")}, ${given("before")}, ${given("first")})
        or ${workspacesTable.state} = 'removed'`,
    })
    .prepare(),
);

/**
 * A task that continues another works in its workspace's place, so it takes over the row. What the other one says of it
 * afterwards, late, changes nothing.
 */
export async function recordWorkspace(
  database: DrizzleD1Database,
  facts: TaskFacts,
  nodeId: NonNullable<TaskFacts["nodeId"]>,
  state: "standing" | "removed",
  now: number,
): Promise<void> {
  if (facts.workspace === null) return;
  const { taskId, ownerId, continues } = facts.request;
  const { workspaceId } = facts.workspace;
  const before = continues?.taskId ?? taskId;
  const first = continues?.rootTaskId ?? taskId;
  const { branch } = facts;
  await workspace(database).run({ workspaceId, ownerId, taskId, nodeId, branch, state, now, before, first });
}
