/**
 * The search for a node, on behalf of one task. D1 lists candidates; each NodeLifecycle decides about its own slots. A
 * search that is repeated after a lost reply first asks the node that it wrote down, so that a task never holds two.
 */
import { isId, makeId, type NodeId, type TaskId } from "@sam/domain/ids";
import { claimableStates, type NodeRequest } from "@sam/domain/node-facts";
import type { Settings } from "@sam/domain/settings";
import type { TaskFacts } from "@sam/domain/task-facts";
import { and, asc, count, eq, inArray, lt, ne } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { ulid } from "ulid";

import { nodesTable, tasksTable } from "../database/schema.ts";
import type { Env } from "../env.ts";
import type { SearchOutcome } from "../task/task-ports.ts";

export interface NodeSearch {
  readonly env: Env;
  readonly database: DrizzleD1Database;
  readonly settings: Settings;
  readonly facts: TaskFacts;
  /** The node that an earlier try of this search was about to claim or to request. */
  readonly memo: string | null;
  readonly remember: (memo: string) => void;
}

export async function searchNode(search: NodeSearch): Promise<SearchOutcome> {
  const { env, facts, memo, remember } = search;
  const { taskId } = facts.request;
  if (memo !== null && isId("node", memo)) {
    const { claimed, node } = await env.NODE_LIFECYCLE.getByName(memo).claim(taskId);
    if (claimed && node !== null) return { found: true, node };
  }
  for (const nodeId of await candidates(search)) {
    remember(nodeId);
    // One claim at a time: a task holds one node.
    const { claimed, node } = await env.NODE_LIFECYCLE.getByName(nodeId).claim(taskId);
    if (claimed && node !== null) return { found: true, node };
  }
  return provision(search, taskId);
}

/** Nodes of this owner that may have room, the ready ones first, then the oldest. */
async function candidates({ env, database, facts }: NodeSearch): Promise<NodeId[]> {
  const rows = await database
    .select({ nodeId: nodesTable.nodeId, state: nodesTable.state })
    .from(nodesTable)
    .where(
      and(
        eq(nodesTable.ownerId, facts.request.ownerId),
        eq(nodesTable.provider, env.PROVIDER),
        inArray(nodesTable.state, [...claimableStates]),
      ),
    )
    .orderBy(asc(nodesTable.createdAt))
    .limit(100);
  const ready = (state: string) => (state === "warm" || state === "ready" ? 0 : 1);
  return rows.toSorted((one, other) => ready(one.state) - ready(other.state)).map((row) => row.nodeId);
}

async function provision(
  { env, database, settings, facts, remember }: NodeSearch,
  taskId: TaskId,
): Promise<SearchOutcome> {
  const { ownerId } = facts.request;
  const alive = and(eq(nodesTable.ownerId, ownerId), ne(nodesTable.state, "destroyed"));
  const [nodes] = await database.select({ alive: count() }).from(nodesTable).where(alive);
  if ((nodes?.alive ?? 0) >= settings.maxNodes) {
    const why = `All ${settings.maxNodes} nodes are in use.`;
    return { found: false, place: await placeInQueue(database, facts), why };
  }
  const nodeId = makeId("node", ulid());
  remember(nodeId);
  const request: NodeRequest = {
    nodeId,
    ownerId,
    provider: env.PROVIDER,
    machineType: "local",
    location: "this-machine",
    slots: settings.tasksPerNode,
  };
  const node = await env.NODE_LIFECYCLE.getByName(nodeId).request(request, taskId);
  return { found: true, node };
}

/** Counted from 1: how many of this owner's tasks wait since longer. */
async function placeInQueue(database: DrizzleD1Database, facts: TaskFacts): Promise<number> {
  const waiting = and(
    eq(tasksTable.ownerId, facts.request.ownerId),
    eq(tasksTable.step, "waiting_for_node_capacity"),
    lt(tasksTable.createdAt, facts.createdAt),
  );
  const [row] = await database.select({ before: count() }).from(tasksTable).where(waiting);
  return (row?.before ?? 0) + 1;
}
