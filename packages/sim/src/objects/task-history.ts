/** The history of a task as the world saw it: each commit of its facts, and what it was made for. */
import type { TaskEffect, TaskEvent } from "@sam/domain/task-event";
import type { TaskFacts } from "@sam/domain/task-facts";

import type { Commit } from "../../../../apps/control/src/lifecycle/lifecycle-store.ts";
import type { TaskIntent } from "../../../../apps/control/src/task/task-engine.ts";
import type { StoredItem } from "../storage/memory-lifecycle-store.ts";

export interface Sight {
  readonly at: number;
  readonly facts: TaskFacts;
}

export interface Happened {
  readonly at: number;
  readonly type: TaskEvent["type"];
  readonly seq?: number;
  readonly nodeId?: string;
}

/** Calls that lead to one kind of event each. */
const eventOfCall: Readonly<Record<string, TaskEvent["type"]>> = {
  alarm: "look",
  contact: "contact",
  recover: "recover",
  capacityFreed: "capacity_freed",
  nodeObserved: "node_observed",
  vmAgentEvents: "vm_agent",
  wake: "ended_by_sweep",
};

const eventOfEffect: { readonly [Kind in TaskEffect["kind"] | "project"]?: TaskEvent["type"] } = {
  select_node: "node_claimed",
  ask_node: "node_observed",
  release_node: "node_released",
  begin_task: "continuation_refused",
  project: "ended_by_sweep",
};

export class TaskHistory {
  readonly sights: Sight[] = [];
  readonly events: Happened[] = [];

  note(
    before: TaskFacts | null,
    { facts, completes, now }: Commit<TaskFacts, TaskIntent>,
    call: string,
    outbox: readonly StoredItem<TaskIntent>[],
  ): void {
    this.sights.push({ at: now, facts });
    if (before === null) return;
    // A release lets the numbers begin anew, and is no report.
    if (facts.nodeEventSeq !== before.nodeEventSeq && facts.nodeEventSeq > 0) {
      const nodeId = before.nodeId ?? "nobody's";
      this.events.push({ at: now, type: "vm_agent", seq: facts.nodeEventSeq, nodeId });
      return;
    }
    const kind = completes === null ? undefined : outbox[completes - 1]?.intent.kind;
    const asked = before.cancel === null && facts.cancel !== null ? "cancel_requested" : "answered";
    this.events.push({ at: now, type: (kind === undefined ? eventOfCall[call] : eventOfEffect[kind]) ?? asked });
  }
}
