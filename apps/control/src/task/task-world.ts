/** A TaskRunner's ports on Cloudflare's platform: D1, and the NodeLifecycle objects. Every call has a deadline. */
import type { NodeId } from "@sam/domain/ids";
import type { Settings } from "@sam/domain/settings";
import type { DrizzleD1Database } from "drizzle-orm/d1";

import type { Env } from "../env.ts";
import { within } from "../lifecycle/deadline.ts";
import { searchNode } from "../node/node-search.ts";
import { notifyOwner } from "../push/notify-owner.ts";
import { askToForget } from "../saved/forget-saved.ts";
import { writeSavedWork } from "../saved/saved-store.ts";
import type { TaskPorts } from "./task-ports.ts";
import { recordWorkspace, wasEndedBySweep, writeProjection } from "./task-projection.ts";
import type { SubmitOutcome } from "./task-runner-logic.ts";

const callTimeoutMs = 10_000;
/** Nothing else of the task goes on while it is asked. */
const wakeTimeoutMs = 5_000;

export function createTaskWorld(env: Env, database: DrizzleD1Database, settings: Settings): TaskPorts {
  const node = (nodeId: NodeId) => env.NODE_LIFECYCLE.getByName(nodeId);
  return {
    project: (row) => within("D1", callTimeoutMs, writeProjection(database, row)),
    wasEndedBySweep: (taskId) => within("D1", wakeTimeoutMs, wasEndedBySweep(database, taskId)),
    recordWorkspace: (facts, nodeId, state) =>
      within("D1", callTimeoutMs, recordWorkspace(database, facts, nodeId, state, Date.now())),
    search: (facts, memo, remember) =>
      within(
        "the search for a node",
        3 * callTimeoutMs,
        searchNode({ env, database, settings, facts, memo, remember }),
      ),
    observe: (nodeId) => within(nodeId, callTimeoutMs, node(nodeId).observe()),
    command: (nodeId, command) => within<boolean>(nodeId, callTimeoutMs, node(nodeId).enqueue(JSON.stringify(command))),
    release: (nodeId, taskId, stay) => within(nodeId, callTimeoutMs, node(nodeId).release(taskId, stay)),
    // No submission is written down for it: the task that it continues owes its beginning until its row stands.
    beginTask: async (request) => {
      const { taskId } = request;
      const submitted = env.TASK_RUNNER.getByName(taskId).submit(request);
      const outcome = await within<SubmitOutcome>(taskId, callTimeoutMs, submitted);
      if (!outcome.accepted) return "refused";
      // Without its row nobody could look at it: it is submitted again until it has one.
      if (!outcome.projected) throw new Error(`${taskId} has begun, but its row is not written yet`);
      return "begun";
    },
    giveUpByForce: (nodeId, taskId, detail) =>
      within<string | null>(nodeId, callTimeoutMs, node(nodeId).giveUpFor(taskId, detail)),
    recordSavedWork: (facts, work) => within("D1", callTimeoutMs, writeSavedWork(database, facts, work)),
    forgetSavedWork: (facts, commit) => {
      const { taskId, repository } = facts.request;
      const ask = (nodeId: NodeId) =>
        within<boolean>(nodeId, callTimeoutMs, node(nodeId).forgetSavedWork(taskId, commit, repository.url));
      return within("the removal of saved work", 3 * callTimeoutMs, askToForget(database, facts, commit, ask));
    },
    tellSavedWorkDelivered: ({ taskId, commit }, by) =>
      within(taskId, callTimeoutMs, env.TASK_RUNNER.getByName(taskId).savedWorkDelivered(by, commit)),
    notify: (facts, effect, send) =>
      within(
        "the push services",
        3 * callTimeoutMs,
        notifyOwner({ env, database, facts, effect, ...send, now: Date.now() }),
      ),
    giveUp: async (nodeId, detail) => {
      await within(nodeId, callTimeoutMs, node(nodeId).giveUp("destroyed_by_task", detail));
    },
  };
}
