/** Reads what a breakage can touch: the nodes and the open tasks of its owner, and the provider's listing. */
import type { Scene, TaskScene } from "@sam/domain/breakage";
import type { TaskId, UserId } from "@sam/domain/ids";
import { finalSteps } from "@sam/domain/task-lifecycle";
import { messagePageSchema } from "@sam/protocol/message";
import type { TaskView } from "@sam/protocol/task-api";
import { installationLabel, nodeLabel } from "@sam/providers/provider";
import { and, desc, eq, notInArray } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";

import { withinD1 } from "../api/d1-deadline.ts";
import { tasksTable } from "../database/schema.ts";
import type { Env } from "../env.ts";
import { within } from "../lifecycle/deadline.ts";
import { listNodes } from "../node/node-list.ts";
import { providerOf } from "../node/node-provider.ts";

const callTimeoutMs = 5_000;
const mostTasks = 50;
/** A stalled provider must not stall whoever looks what became of it. */
const listingTimeoutMs = 2_000;
/** Of 500 messages each. */
const mostPages = 40;

/** What is true now. @param before the scene before it was broken: its tasks are looked at again; null: the open ones. */
export async function readScene(env: Env, ownerId: UserId, before: Scene | null): Promise<Scene> {
  const at = Date.now();
  const from = new Map(before?.tasks.map(({ taskId, lastSeq }) => [taskId, lastSeq]));
  const taskIds = before === null ? await openTasks(env, ownerId) : [...from.keys()];
  const [{ nodes }, tasks, doubled] = await Promise.all([
    listNodes(env, ownerId, at),
    Promise.all(taskIds.map((taskId) => readTask(env, taskId, from.get(taskId) ?? null).catch(() => null))),
    doubledNodes(env),
  ]);
  return {
    at,
    nodes: nodes
      .filter(({ final }) => !final)
      .map(({ nodeId, epoch = 0, bootedAt = null, connected, lastContactAt }) => {
        return { nodeId, epoch, bootedAt, connected, lastContactAt };
      }),
    tasks: tasks.filter((task) => task !== null),
    doubled,
  };
}

async function openTasks(env: Env, ownerId: UserId): Promise<readonly TaskId[]> {
  const open = and(eq(tasksTable.ownerId, ownerId), notInArray(tasksTable.step, [...finalSteps]));
  const asked = drizzle(env.DB)
    .select({ taskId: tasksTable.taskId })
    .from(tasksTable)
    .where(open)
    .orderBy(desc(tasksTable.taskId))
    .limit(mostTasks);
  return (await withinD1(asked)).map(({ taskId }) => taskId);
}

/** @param from the seq after which every message is looked for; null: none is. */
async function readTask(env: Env, taskId: TaskId, from: number | null): Promise<TaskScene | null> {
  const runner = env.TASK_RUNNER.getByName(taskId);
  const task = await within<TaskView | null>(taskId, callTimeoutMs, runner.view());
  if (task === null) return null;
  const { nodeId, step, deadlineAt, incarnation = 0, clocks } = task;
  const { lastSeq, missing } = await countMissing(env, taskId, from);
  return { taskId, nodeId, step, deadlineAt, incarnation, lastProgressAt: clocks.lastProgressAt, lastSeq, missing };
}

/** Goes through the conversation page by page, as a client does, and counts what a seq passes over. */
async function countMissing(env: Env, taskId: TaskId, from: number | null) {
  let page = await readPage(env, taskId, from ?? Number.MAX_SAFE_INTEGER);
  let seq = from ?? page.lastSeq;
  let missing = 0;
  for (let pages = 1; page.messages.length > 0; pages += 1) {
    for (const message of page.messages) {
      missing += Math.max(0, message.seq - seq - 1);
      seq = message.seq;
    }
    if (seq >= page.lastSeq || pages === mostPages) break;
    page = await readPage(env, taskId, seq);
  }
  return { lastSeq: seq, missing };
}

async function readPage(env: Env, taskId: TaskId, after: number) {
  const runner = env.TASK_RUNNER.getByName(taskId);
  const answer = await within(taskId, callTimeoutMs, runner.fetch(`http://runner/messages?after=${after}&limit=500`));
  return messagePageSchema.parse(await within(taskId, callTimeoutMs, answer.json()));
}

/** @returns null where the provider does not answer now. */
async function doubledNodes(env: Env): Promise<readonly string[] | null> {
  const installationId = env.INSTALLATION_ID;
  if (installationId === undefined) return null;
  try {
    const asked = providerOf(env).listServers({ labels: { [installationLabel]: installationId } });
    const servers = await within("the provider's listing", listingTimeoutMs, asked);
    const byNode = Map.groupBy(servers, ({ labels }) => labels[nodeLabel] ?? "no node");
    return [...byNode].flatMap(([nodeId, own]) => (own.length > 1 ? [nodeId] : []));
  } catch {
    return null;
  }
}
