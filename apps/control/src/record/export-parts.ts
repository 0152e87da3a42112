/** What an export is made of, gathered from the objects that know it. Each is asked within a deadline. */
import type { NodeId, TaskId, UserId } from "@sam/domain/ids";
import { messagePageSchema, type Message } from "@sam/protocol/message";
import {
  exportedNodeSchema,
  exportedRunnerSchema,
  type ExportedNode,
  type ExportedRunner,
} from "@sam/protocol/task-export";
import { and, eq, inArray } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";

import { withinD1 } from "../api/d1-deadline.ts";
import { nodesTable, tasksTable } from "../database/schema.ts";
import type { Env } from "../env.ts";
import { within } from "../lifecycle/deadline.ts";
import { found } from "../task/own-task.ts";

const callTimeoutMs = 10_000;

/** @returns what the runner knows but its messages, as it leaves the object. */
export async function runnerPart(env: Env, taskId: TaskId): Promise<ExportedRunner> {
  const runner = env.TASK_RUNNER.getByName(taskId);
  const text = found(await within<string | null>(taskId, callTimeoutMs, runner.exported()));
  return exportedRunnerSchema.parse(JSON.parse(text));
}

/** @returns a page of the conversation, up to and including `lastSeq`. */
export async function messagePart(env: Env, taskId: TaskId, after: number, lastSeq: number): Promise<Message[]> {
  const runner = env.TASK_RUNNER.getByName(taskId);
  const answer = await within(taskId, callTimeoutMs, runner.fetch(`http://runner/messages?after=${after}&limit=500`));
  const { messages } = messagePageSchema.parse(await within(taskId, callTimeoutMs, answer.json()));
  return messages.filter(({ seq }) => seq <= lastSeq);
}

/** The nodes that the task's record names, each of this owner; one that cannot be asked says why. */
export async function nodeParts(env: Env, ownerId: UserId, { record, facts }: ExportedRunner): Promise<ExportedNode[]> {
  const named = [facts.nodeId, facts.workedOn ?? null, ...record.entries.map(({ after }) => after.nodeId)];
  const nodeIds = [...new Set(named.filter((nodeId) => nodeId !== null))];
  if (nodeIds.length === 0) return [];
  const own = and(eq(nodesTable.ownerId, ownerId), inArray(nodesTable.nodeId, nodeIds));
  const rows = await withinD1(drizzle(env.DB).select({ nodeId: nodesTable.nodeId }).from(nodesTable).where(own));
  return Promise.all(rows.map(({ nodeId }) => nodePart(env, nodeId)));
}

async function nodePart(env: Env, nodeId: NodeId): Promise<ExportedNode> {
  try {
    const text = await within<string | null>(nodeId, callTimeoutMs, env.NODE_LIFECYCLE.getByName(nodeId).exported());
    if (text === null) return missing(nodeId, "it was never begun");
    return exportedNodeSchema.parse(JSON.parse(text));
  } catch (error) {
    return missing(nodeId, String(error));
  }
}

function missing(nodeId: NodeId, why: string): ExportedNode {
  const record = { dropped: 0, beginsLate: true, entries: [] };
  return { nodeId, missing: why, request: null, record, transitions: [], effects: [], providerCalls: [] };
}

export async function rowPart(env: Env, taskId: TaskId) {
  const [row] = await withinD1(drizzle(env.DB).select().from(tasksTable).where(eq(tasksTable.taskId, taskId)));
  return row ?? null;
}
