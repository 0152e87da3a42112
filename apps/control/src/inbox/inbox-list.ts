/**
 * The inbox of an owner: D1 says which tasks await them, and since when; each runner says what for. A runner that does not
 * answer hides neither its own row nor another's.
 */
import type { NodeId, ProjectId, UserId } from "@sam/domain/ids";
import { waitSchema, type Inbox, type InboxItem } from "@sam/protocol/inbox-api";
import type { NodeView } from "@sam/protocol/node-api";
import { taskRowSchema, type TaskRow, type TaskView } from "@sam/protocol/task-api";
import { and, asc, count, eq, inArray, min } from "drizzle-orm";
import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";

import { withinD1 } from "../api/d1-deadline.ts";
import { projectsTable, tasksTable } from "../database/schema.ts";
import type { Env } from "../env.ts";
import { within } from "../lifecycle/deadline.ts";
import { viewOf as nodeViewOf } from "../node/node-list.ts";
import { receiptsOfTasks } from "../push/push-receipts.ts";
import { report } from "../system/report.ts";
import { meanwhileCost } from "./meanwhile-cost.ts";

/** As many as one look at the inbox shows; each asks a runner, and all of them at once. */
const shownItems = 50;
const callTimeoutMs = 5_000;

const { ownerId: owner, step, updatedAt, taskId: idOf } = tasksTable;

function waitingFor(ownerId: UserId) {
  return and(eq(owner, ownerId), eq(step, "awaiting_input"));
}

export async function countInbox(
  database: DrizzleD1Database,
  ownerId: UserId,
): Promise<{ total: number; oldestSince: number | null }> {
  const asked = database
    .select({ total: count(), oldestSince: min(updatedAt) })
    .from(tasksTable)
    .where(waitingFor(ownerId));
  const [row] = await withinD1(asked);
  return { total: row?.total ?? 0, oldestSince: row?.oldestSince ?? null };
}

/** Oldest first. */
export async function listInbox(env: Env, ownerId: UserId): Promise<Inbox> {
  const database = drizzle(env.DB);
  const oldest = database
    .select()
    .from(tasksTable)
    .where(waitingFor(ownerId))
    .orderBy(asc(updatedAt), asc(idOf))
    .limit(shownItems);
  const [rows, { total }] = await Promise.all([withinD1(oldest), countInbox(database, ownerId)]);
  const parsed = rows.map((row) => ({ row, result: taskRowSchema.safeParse(row) }));
  const tasks = parsed.flatMap(({ result }) => (result.success ? [result.data] : []));
  const names = await projectNames(database, tasks);
  const waits = await Promise.all(tasks.map((task) => viewOf(env, task)));
  const machines = await machinesOf(env, tasks, waits);
  const ids = tasks.map(({ taskId }) => taskId);
  const pushes = await receiptsOfTasks(database, ownerId, ids);
  return {
    items: tasks.flatMap((task, index) => {
      const view = waits[index] ?? null;
      // Answered since its row was read: it awaits nobody any more.
      if (view !== null && view.step !== "awaiting_input") return [];
      const { since, waitsFor, wait, cost } = waitOf(task, view, machines);
      const own = (pushes.get(task.taskId) ?? []).filter(({ createdAt }) => createdAt >= since);
      return [{ task, projectName: names.get(task.projectId) ?? null, since, waitsFor, wait, cost, pushes: own }];
    }),
    total,
    unreadable: parsed.flatMap(({ row, result }) => (result.success ? [] : [row.taskId])),
  };
}

function waitOf(
  task: TaskRow,
  view: TaskView | null,
  machines: ReadonlyMap<NodeId, NodeView | null>,
): Pick<InboxItem, "since" | "waitsFor" | "wait" | "cost"> {
  const nodeId = machineOf(task, view);
  const waitsFor = view === null ? "unknown" : view.permission === null ? "words" : "permission";
  const machine = nodeId === null ? null : (machines.get(nodeId) ?? null);
  const since = view?.clocks.inStateSince ?? task.updatedAt;
  const wait = view === null ? null : waitSchema.parse(view);
  return { since, waitsFor, wait, cost: meanwhileCost(nodeId, machine) };
}

/** The machine that is kept for it: where it works, or which alone has its work. */
function machineOf({ nodeId }: TaskRow, view: TaskView | null): NodeId | null {
  return view === null ? nodeId : (view.nodeId ?? view.release?.savedOn ?? null);
}

async function viewOf(env: Env, { taskId }: TaskRow): Promise<TaskView | null> {
  try {
    return await within<TaskView | null>(taskId, callTimeoutMs, env.TASK_RUNNER.getByName(taskId).view());
  } catch (error) {
    report(`what ${taskId} waits for`, error);
    return null;
  }
}

async function projectNames(
  database: DrizzleD1Database,
  tasks: readonly TaskRow[],
): Promise<ReadonlyMap<ProjectId, string>> {
  const ids = [...new Set(tasks.map(({ projectId }) => projectId))];
  if (ids.length === 0) return new Map();
  const { projectId, name } = projectsTable;
  const rows = await withinD1(database.select({ projectId, name }).from(projectsTable).where(inArray(projectId, ids)));
  return new Map(rows.map((row) => [row.projectId, row.name]));
}

/** Each machine is asked for once, however many tasks wait on it. */
async function machinesOf(
  env: Env,
  tasks: readonly TaskRow[],
  views: readonly (TaskView | null)[],
): Promise<ReadonlyMap<NodeId, NodeView | null>> {
  const ids = tasks.flatMap((task, index) => machineOf(task, views[index] ?? null) ?? []);
  const asked = [...new Set(ids)].map(async (nodeId) => {
    const view = await nodeViewOf(env, nodeId).catch(() => null);
    return [nodeId, view] as const;
  });
  return new Map(await Promise.all(asked));
}
