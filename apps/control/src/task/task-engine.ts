/** The TaskRunner's logic: the engine of section 5 with the decisions about a task, against ports. */
import type { NodeId } from "@sam/domain/ids";
import type { Outage } from "@sam/domain/outage";
import type { Settings } from "@sam/domain/settings";
import { wholeCommand } from "@sam/domain/stored-facts";
import { afterOutages, decide, nextLookAt } from "@sam/domain/task-decision/decide";
import type { TaskDecision, TaskEffect, TaskEvent } from "@sam/domain/task-event";
import type { TaskFacts } from "@sam/domain/task-facts";

import type { Face } from "../lifecycle/face.ts";
import { LifecycleEngine } from "../lifecycle/lifecycle-engine.ts";
import type { LifecycleStore, NewIntent, OutboxItem } from "../lifecycle/lifecycle-store.ts";
import type { TaskRecordLog } from "../record/task-record.ts";
import type { Conversation } from "./conversation.ts";
import type { SearchOutcome, TaskPorts } from "./task-ports.ts";
import { projectionOf, type TaskProjection } from "./task-projection.ts";

export type TaskIntent = TaskEffect | { readonly kind: "project"; readonly row: TaskProjection };
export type TaskEngine = LifecycleEngine<TaskFacts, TaskEvent, TaskDecision, TaskIntent>;

export const projectionLane = "projection";
export const searchLane = "search";
export const continuationLane = "continuation";

export interface TaskEngineOptions {
  readonly store: Face<LifecycleStore<TaskFacts, TaskIntent>>;
  readonly conversation: Face<Conversation>;
  /** Keeps what was handled, in the transaction of its decision; left out: nothing is kept. */
  readonly recorded?: TaskRecordLog["write"];
  readonly ports: TaskPorts;
  readonly settings: Settings;
  readonly outages: readonly Outage[];
  readonly clock: () => number;
  readonly setAlarm: (at: number | null) => void;
  readonly committed: (made: TaskDecision) => void;
  readonly report: (what: string, error: unknown) => void;
}

export function createTaskEngine(options: TaskEngineOptions): TaskEngine {
  const { store, conversation, recorded, ports, settings, outages, clock, setAlarm, committed, report } = options;
  const factsNow = () => {
    const facts = store.load();
    if (facts === null) throw new Error("an effect without facts");
    return facts;
  };
  return new LifecycleEngine({
    store,
    clock,
    outages,
    afterOutages,
    nextLookAt,
    decide: (facts, event, now) => decide(facts, event, now, settings),
    intentsOf,
    writeExtra: (made, handled) => {
      conversation.append(made.messages, handled.at);
      const { lastSeq } = conversation;
      const count = made.messages.length;
      recorded?.(handled, made, count === 0 ? null : [lastSeq - count + 1, lastSeq]);
    },
    carryOut: (item) =>
      carryOut(item, factsNow(), ports, (memo) => {
        store.remember(item.id, memo);
      }),
    setAlarm,
    committed,
    report,
  });
}

export function intentsOf(made: TaskDecision): NewIntent<TaskIntent>[] {
  const rows = made.transitions.map((transition) => ({
    key: `project-${transition.version}`,
    lane: projectionLane,
    intent: { kind: "project" as const, row: projectionOf(transition) },
  }));
  return [...rows, ...made.effects.map(({ key, effect }) => ({ key, lane: laneOf(effect), intent: effect }))];
}

/** What goes to the node keeps its order: a teardown before the release of the machine that it runs on. */
function laneOf(effect: TaskEffect): string {
  switch (effect.kind) {
    case "select_node":
      return searchLane;
    case "ask_node":
      return "ask";
    case "record_workspace":
      return "workspace";
    case "begin_task":
      return continuationLane;
    case "record_saved_work":
    case "forget_saved_work":
    case "tell_saved_work_delivered":
      return "saved work";
    case "notify":
      return "notify";
    case "command":
    case "release_node":
    case "give_up_node":
      return "node";
  }
}

async function carryOut(
  item: OutboxItem<TaskIntent>,
  facts: TaskFacts,
  ports: TaskPorts,
  remember: (memo: string) => void,
): Promise<TaskEvent | null> {
  const { intent } = item;
  switch (intent.kind) {
    case "project":
      return (await ports.project(intent.row)) === "ended_by_sweep" ? { type: "ended_by_sweep" } : null;
    case "record_workspace":
      await ports.recordWorkspace(facts, intent.nodeId, intent.state);
      return null;
    case "select_node": {
      const outcome = await ports.search(facts, item.memo, remember);
      return outcome.found ? claimedBy(outcome) : { type: "no_capacity", place: outcome.place, why: outcome.why };
    }
    case "ask_node": {
      const node = await ports.observe(intent.nodeId);
      return node === null ? null : { type: "node_observed", node };
    }
    case "command": {
      const { commandId, body } = intent;
      const { request } = facts;
      const { nodeId } = intent;
      const command = { commandId, taskId: request.taskId, body: wholeCommand(body, request) };
      if (await ports.command(nodeId, command)) return null;
      // A release that was overtaken took the claim away: whoever lets go has nothing to let go there any more.
      return { type: "node_released", nodeId, proof: `${nodeId} holds no claim of this task` };
    }
    case "release_node": {
      const proof = await ports.release(intent.nodeId, facts.request.taskId, intent.stay ?? null);
      return { type: "node_released", nodeId: intent.nodeId, proof };
    }
    case "record_saved_work":
      if (facts.savedWork !== null) await ports.recordSavedWork(facts, facts.savedWork);
      return null;
    case "forget_saved_work":
      return await ports.forgetSavedWork(facts, intent.commit);
    case "tell_saved_work_delivered":
      await ports.tellSavedWorkDelivered(intent, facts.request.taskId);
      return null;
    case "notify":
      await ports.notify(facts, intent, { key: item.key, attempt: item.attempts + 1 });
      return null;
    case "give_up_node":
      if (intent.force === true) return await giveUpByForce(intent.nodeId, facts, ports);
      await ports.giveUp(intent.nodeId, facts.failure?.evidence ?? "given up by its task");
      return null;
    case "begin_task": {
      const { taskId: by, prompt: text } = intent.request;
      return (await ports.beginTask(intent.request)) === "refused" ? { type: "continuation_refused", by, text } : null;
    }
  }
}

function claimedBy(outcome: Extract<SearchOutcome, { found: true }>): TaskEvent {
  const { node, bringsBack, waitsFor, savedWorkGone } = outcome;
  return { type: "node_claimed", node, bringsBack, waitsFor, savedWorkGone };
}

/** Where others are on the node it is let go at once; else the node says when it is gone, and the claim with it. */
async function giveUpByForce(nodeId: NodeId, facts: TaskFacts, ports: TaskPorts): Promise<TaskEvent | null> {
  const { taskId } = facts.request;
  const proof = await ports.giveUpByForce(nodeId, taskId, `the cancel of ${taskId} was forced`);
  return proof === null ? null : { type: "node_released", nodeId, proof };
}
