/**
 * The search for a node, on behalf of one task. D1 lists candidates; each NodeLifecycle decides about its own slots. A
 * search that is repeated after a lost reply first asks the node that it wrote down, so that a task never holds two.
 */
import { isId, makeId, type NodeId, type TaskId } from "@sam/domain/ids";
import { claimableStates, type NodeRequest } from "@sam/domain/node-facts";
import type { SavedWorkRef } from "@sam/domain/saved-work";
import type { Settings } from "@sam/domain/settings";
import { workToBringBack } from "@sam/domain/task-decision/saved-work";
import type { TaskFacts } from "@sam/domain/task-facts";
import type { NodeView } from "@sam/protocol/node-api";
import { and, asc, count, eq, inArray, lt, or } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { ulid } from "ulid";

import { builtOnce, given } from "../database/built-once.ts";
import { nodesTable, tasksTable } from "../database/schema.ts";
import type { Env } from "../env.ts";
import type { Left } from "../task/left.ts";
import type { SearchOutcome } from "../task/task-ports.ts";
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
  const { database, facts, memo } = search;
  const before = await taskBefore(search);
  // A search that is repeated may have its claim already.
  if (memo === null && before !== null && before.left.claims !== null) {
    const why = "The task before it is still letting go of the workspace.";
    return { found: false, place: await placeInQueue(database, facts), why };
  }
  const work = await workNow(search, before);
  const unsavedOn = before === null ? null : await unsavedWorkOf(search, before);
  const outcome = await (unsavedOn !== null && before !== null
    ? claimThat(search, unsavedOn, before.taskId)
    : work.onlyOn !== null
      ? claimThat(search, work.onlyOn, work.ref?.taskId ?? null)
      : anyNode(search));
  if (!outcome.found) return outcome;
  const waitsFor = unsavedOn === null ? undefined : before?.taskId;
  return { ...outcome, bringsBack: work.ref, waitsFor, savedWorkGone: work.gone ?? undefined };
}

interface TaskBefore {
  readonly taskId: TaskId;
  readonly left: Left;
}

/**
 * The task that this one goes on from: the nearest before it whose workspace ever stood ready. Both work in the same place, so it
 * waits until the other has let go of that; its node then offers the room, and the search is made again.
 */
async function taskBefore({ env, facts }: NodeSearch): Promise<TaskBefore | null> {
  // Once it had a workspace of its own it has all that the other left.
  if (facts.workspace !== null) return null;
  let taskId = facts.request.continues?.taskId ?? null;
  while (taskId !== null) {
    // Each names the one before it, so they are asked in turn.
    const left: Left | null = await env.TASK_RUNNER.getByName(taskId).left();
    if (left === null) return null;
    if (left.claims !== null || left.before === null) return { taskId, left };
    taskId = left.before;
  }
  return null;
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

/**
 * The work of the task before may stand in its workspace and be saved nowhere, since its teardown was refused. Whoever
 * goes on goes on there, where it is saved in the end, and brought back.
 */
async function unsavedWorkOf({ env }: NodeSearch, { taskId: before, left }: TaskBefore): Promise<NodeId | null> {
  if (left.unsavedOn === null) return null;
  const view: NodeView | null = await env.NODE_LIFECYCLE.getByName(left.unsavedOn).view();
  const stands = view?.holds.some(({ kind, taskId }) => kind === "workspace" && taskId === before) ?? false;
  return stands ? left.unsavedOn : null;
}

interface WorkNow {
  readonly ref: SavedWorkRef | null;
  /** No remote has it, only this node. */
  readonly onlyOn: NodeId | null;
  /** It is nowhere any more, and why: it is begun without. */
  readonly gone: string | null;
}

/** What the workspace begins with, as that is now: since this task was begun the one before may have been saved anew. */
async function workNow({ env, facts }: NodeSearch, before: TaskBefore | null): Promise<WorkNow> {
  const wanted = before?.left.work ?? workToBringBack(facts);
  if (wanted === null) return { ref: null, onlyOn: null, gone: null };
  const { request, savedWork } = facts;
  const { taskId } = wanted;
  const now = taskId === request.taskId ? savedWork : await env.TASK_RUNNER.getByName(taskId).savedWork();
  if (now === null) return { ref: wanted, onlyOn: null, gone: null };
  if (now.place === "lost") return { ref: null, onlyOn: null, gone: `${now.nodeId}, which alone had it, is destroyed` };
  if (now.place === "removed") return { ref: null, onlyOn: null, gone: "it was removed" };
  return { ref: { taskId, commit: now.commit }, onlyOn: now.place === "mirror" ? now.nodeId : null, gone: null };
}

/** @param workOf the task whose work that node alone has. */
async function claimThat(search: NodeSearch, nodeId: NodeId, workOf: TaskId | null): Promise<SearchOutcome> {
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
