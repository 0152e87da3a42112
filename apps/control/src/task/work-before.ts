/**
 * The work that a task goes on from, as it is when it looks for a node: who has to let go of it first, which node alone has
 * it, and what the workspace begins with.
 */
import type { NodeId, TaskId } from "@sam/domain/ids";
import type { SavedWorkRef } from "@sam/domain/saved-work";
import { workToBringBack } from "@sam/domain/task-decision/saved-work";
import type { TaskFacts } from "@sam/domain/task-facts";
import type { NodeView } from "@sam/protocol/node-api";

import type { Env } from "../env.ts";
import type { Left } from "./left.ts";

export interface TaskBefore {
  readonly taskId: TaskId;
  readonly left: Left;
}

/** The work of a task, and the node that alone has it. */
export interface WorkPlace {
  readonly taskId: TaskId;
  readonly nodeId: NodeId;
}

export interface WorkNow {
  /** What the workspace begins with; null: with no saved work. */
  readonly work: SavedWorkRef | null;
  readonly onlyOn: WorkPlace | null;
  /** It is nowhere any more, and why: it is begun without. */
  readonly gone: string | null;
}

/**
 * The task that this one goes on from: the nearest before it that ever had an agent. Both work in the same place,
 * so it waits until the other has let go of that; its node then offers the room, and the search is made again.
 */
export async function taskBefore(env: Env, facts: TaskFacts): Promise<TaskBefore | null> {
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

/**
 * The work of the task before may stand in its workspace and be saved nowhere, since its teardown was refused. Whoever goes
 * on goes on there, where it is saved in the end, and brought back.
 */
export async function unsavedWork(env: Env, { taskId: before, left }: TaskBefore): Promise<WorkPlace | null> {
  if (left.unsavedOn === null) return null;
  const view: NodeView | null = await env.NODE_LIFECYCLE.getByName(left.unsavedOn).view();
  const stands = view?.holds.some(({ kind, taskId }) => kind === "workspace" && taskId === before) ?? false;
  return stands ? { taskId: before, nodeId: left.unsavedOn } : null;
}

/** Since this task was begun the one before may have been saved, saved anew, or have lost what was saved. */
export async function workNow(env: Env, facts: TaskFacts, before: TaskBefore | null): Promise<WorkNow> {
  const wanted = before?.left.work ?? workToBringBack(facts);
  if (wanted === null) return { work: null, onlyOn: null, gone: null };
  const { request, savedWork } = facts;
  const { taskId } = wanted;
  const now = taskId === request.taskId ? savedWork : await env.TASK_RUNNER.getByName(taskId).savedWork();
  if (now === null) return { work: wanted, onlyOn: null, gone: null };
  const { commit, nodeId, place } = now;
  if (place === "lost") return { work: null, onlyOn: null, gone: `${nodeId}, which alone had it, is destroyed` };
  if (place === "removed") return { work: null, onlyOn: null, gone: "it was removed" };
  return { work: { taskId, commit }, onlyOn: place === "mirror" ? { taskId, nodeId } : null, gone: null };
}
