/**
 * The search for a node, on behalf of one task. D1 lists candidates; each NodeLifecycle decides about its own slots. A
 * search that is repeated after a lost reply first asks the node that it wrote down, so that a task never holds two.
 */
import { isId, makeId, type NodeId } from "@sam/domain/ids";
import { claimableStates, type NodeRequest } from "@sam/domain/node-facts";
import type { Settings } from "@sam/domain/settings";
import type { TaskFacts } from "@sam/domain/task-facts";
import { and, asc, count, eq, inArray, lt, or } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { ulid } from "ulid";

import { builtOnce, given } from "../database/built-once.ts";
import { nodesTable, tasksTable } from "../database/schema.ts";
import type { Env } from "../env.ts";
import type { SearchOutcome } from "../task/task-ports.ts";
import { taskBefore, unsavedWork, workNow, type WorkPlace } from "../task/work-before.ts";
import { isReserved, reserveNode } from "./node-reservation.ts";

const machineType = "local";

/** The steps in which a task looks for a node. */
export const searchingSteps = ["node_selection", "waiting_for_node_capacity"] as const;

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
  const { env, database, facts, memo } = search;
  const before = await taskBefore(env, facts);
  // A search that is repeated may have its claim already.
  if (memo === null && before !== null && before.left.claims !== null) {
    const why = "The task before it is still letting go of the workspace.";
    return { found: false, place: await placeInQueue(database, facts), why };
  }
  const unsaved = before === null ? null : await unsavedWork(env, before);
  const { work, onlyOn, gone } = await workNow(env, facts, before);
  const only = unsaved ?? onlyOn;
  const outcome = only === null ? await anyNode(search) : await claimThat(search, only);
  if (!outcome.found) return outcome;
  return { ...outcome, bringsBack: work, waitsFor: unsaved?.taskId, savedWorkGone: gone ?? undefined };
}

async function anyNode(search: NodeSearch): Promise<SearchOutcome> {
  const { env, database, settings, facts, memo, remember } = search;
  const { taskId, ownerId } = facts.request;
  if (memo !== null && isId("node", memo)) {
    const { claimed, node } = await env.NODE_LIFECYCLE.getByName(memo).claim(taskId, facts.stay);
    if (claimed && node !== null) return { found: true, node };
    if (node === null && (await isReserved(database, memo))) return begin(search, memo);
  }
  const known = await claimOneOf(search, await candidates(search));
  if (known !== null) return known;
  const nodeId = makeId("node", ulid());
  remember(nodeId);
  const reservation = { nodeId, ownerId, provider: env.PROVIDER, machineType };
  if (await reserveNode(database, reservation, settings, Date.now())) return begin(search, nodeId);
  // Those that took the last nodes a moment ago may have a slot to spare.
  const others = await claimOneOf(search, await candidates(search));
  if (others !== null) return others;
  const why = `All ${settings.maxNodes} nodes are in use.`;
  return { found: false, place: await placeInQueue(database, facts), why };
}

/** The node that alone has the work. */
async function claimThat(search: NodeSearch, { nodeId, taskId: workOf }: WorkPlace): Promise<SearchOutcome> {
  const { env, database, facts, remember } = search;
  remember(nodeId);
  const { claimed, node } = await env.NODE_LIFECYCLE.getByName(nodeId).claim(facts.request.taskId, facts.stay, workOf);
  if (claimed && node !== null) return { found: true, node };
  const why = `${nodeId}, which alone has the work, takes no task now${node === null ? "" : `: it is ${node.state}`}.`;
  return { found: false, place: await placeInQueue(database, facts), why };
}

async function claimOneOf(search: NodeSearch, nodeIds: readonly NodeId[]): Promise<SearchOutcome | null> {
  const { env, facts, remember } = search;
  for (const nodeId of nodeIds) {
    remember(nodeId);
    // One claim at a time: a task holds one node.
    const { claimed, node } = await env.NODE_LIFECYCLE.getByName(nodeId).claim(facts.request.taskId, facts.stay);
    if (claimed && node !== null) return { found: true, node };
  }
  return null;
}

const claimable = builtOnce((database) =>
  database
    .select({ nodeId: nodesTable.nodeId, state: nodesTable.state })
    .from(nodesTable)
    .where(
      and(
        eq(nodesTable.ownerId, given("ownerId")),
        eq(nodesTable.provider, given("provider")),
        inArray(nodesTable.state, [...claimableStates]),
      ),
    )
    .orderBy(asc(nodesTable.createdAt))
    .limit(100)
    .prepare(),
);

/**
 * Nodes of this owner that may have room: first that of the task before, where the agent's session lies, then the ready
 * ones, then the oldest.
 */
async function candidates({ env, database, facts }: NodeSearch): Promise<NodeId[]> {
  const rows = await claimable(database).all({ ownerId: facts.request.ownerId, provider: env.PROVIDER });
  // A task that comes back has its own session where it worked last.
  const preferred = facts.workedOn ?? facts.request.continues?.nodeId ?? null;
  const rank = ({ nodeId, state }: (typeof rows)[number]) => {
    if (nodeId === preferred) return 0;
    return state === "warm" || state === "ready" ? 1 : 2;
  };
  return rows.toSorted((one, other) => rank(one) - rank(other)).map((row) => row.nodeId);
}

/** Begins a node whose row is reserved, with this task in its first slot. */
async function begin({ env, settings, facts }: NodeSearch, nodeId: NodeId): Promise<SearchOutcome> {
  const { ownerId, taskId } = facts.request;
  const slots = settings.tasksPerNode;
  const request: NodeRequest = {
    nodeId,
    ownerId,
    provider: env.PROVIDER,
    machineType,
    location: "this-machine",
    slots,
  };
  return { found: true, node: await env.NODE_LIFECYCLE.getByName(nodeId).request(request, taskId) };
}

/** Counted from 1: how many of this owner's tasks look for a node since longer. */
async function placeInQueue(database: DrizzleD1Database, facts: TaskFacts): Promise<number> {
  const waiting = and(
    eq(tasksTable.ownerId, facts.request.ownerId),
    inArray(tasksTable.step, [...searchingSteps]),
    or(
      lt(tasksTable.createdAt, facts.createdAt),
      and(eq(tasksTable.createdAt, facts.createdAt), lt(tasksTable.taskId, facts.request.taskId)),
    ),
  );
  const [row] = await database.select({ before: count() }).from(tasksTable).where(waiting);
  return (row?.before ?? 0) + 1;
}
