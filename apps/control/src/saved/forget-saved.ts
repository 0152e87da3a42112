/**
 * Asking a machine to remove saved work: the one that saved it, where it is connected; else, of work that is at the remote,
 * any other of the same owner. Which machine that is matters to nobody, and the answer comes over its channel.
 */
import type { NodeId } from "@sam/domain/ids";
import type { TaskEvent } from "@sam/domain/task-event";
import type { TaskFacts } from "@sam/domain/task-facts";
import { and, eq, inArray } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";

import { nodesTable } from "../database/schema.ts";

/** @returns whether that node is connected, and was told. */
export type AskNode = (nodeId: NodeId) => Promise<boolean>;

type Forgotten = Extract<TaskEvent, { type: "saved_work_forgotten" }>;

/** @returns what came of it where nobody could be asked; null where the answer is on its way. */
export async function askToForget(
  database: DrizzleD1Database,
  facts: TaskFacts,
  commit: string,
  ask: AskNode,
): Promise<Forgotten | null> {
  const { savedWork, request } = facts;
  if (savedWork === null || savedWork.commit !== commit) return null;
  if (await ask(savedWork.nodeId)) return null;
  const others = savedWork.place === "remote" ? await connectable(database, request.ownerId) : [];
  for (const nodeId of others) {
    // One after the other: one is enough.
    if (nodeId !== savedWork.nodeId && (await ask(nodeId))) return null;
  }
  const detail =
    savedWork.place === "remote"
      ? "none of your machines is connected that could remove it"
      : `${savedWork.nodeId}, which alone has it, is not connected`;
  return { type: "saved_work_forgotten", commit, remote: "failed", detail };
}

async function connectable(database: DrizzleD1Database, ownerId: TaskFacts["request"]["ownerId"]): Promise<NodeId[]> {
  const works = and(eq(nodesTable.ownerId, ownerId), inArray(nodesTable.state, ["ready", "warm", "draining"]));
  const rows = await database.select({ nodeId: nodesTable.nodeId }).from(nodesTable).where(works).limit(20);
  return rows.map(({ nodeId }) => nodeId);
}
