/** Canaries of time: what moves a clock that it must not move, and what looks too late. */
import { noteProgress } from "@sam/domain/clocks";
import type { NodeId } from "@sam/domain/ids";
import type { TaskFacts } from "@sam/domain/task-facts";
import { isFinal } from "@sam/domain/task-lifecycle";

import { TaskRunnerLogic } from "../../../../apps/control/src/task/task-runner-logic.ts";
import { instead, type Canary, type TaskLogicPorts } from "./canary.ts";

abstract class OtherContact extends TaskRunnerLogic {
  readonly #own: TaskLogicPorts;

  constructor(ports: TaskLogicPorts) {
    super(ports);
    this.#own = ports;
  }

  protected abstract move(facts: TaskFacts, now: number): TaskFacts;

  override contact(nodeId: NodeId): boolean {
    const isWanted = super.contact(nodeId);
    const facts = this.facts();
    if (facts === null || isFinal(facts.step)) return isWanted;
    const now = this.#own.clock();
    const nothing = { transitions: [], intents: [], completes: null };
    this.#own.store.commit({ facts: this.move(facts, now), ...nothing, now }, () => undefined);
    return isWanted;
  }
}

class HeartbeatIsProgress extends OtherContact {
  protected override move(facts: TaskFacts, now: number): TaskFacts {
    return { ...facts, clocks: noteProgress(facts.clocks, now) };
  }
}

class HeartbeatMovesDeadline extends OtherContact {
  protected override move(facts: TaskFacts, now: number): TaskFacts {
    const later = (at: number | null) => (at === null ? null : Math.max(at, now + 60_000));
    return { ...facts, deadlineAt: later(facts.deadlineAt), releaseAt: later(facts.releaseAt) };
  }
}

export const ofClocks: readonly Canary[] = [
  {
    name: "poll-refreshes-row",
    breaks: "Each poll of a task's node writes the time into the task's row, so that the row never looks old.",
    rule: 5,
    replaces: {
      taskWorld: (world, storage) =>
        instead(world, {
          observe: async (nodeId) => {
            const node = await world.observe(nodeId);
            storage.rows("UPDATE tasks SET updated_at = ? WHERE node_id = ? RETURNING task_id", Date.now(), nodeId);
            return node;
          },
        }),
    },
  },
  {
    name: "heartbeat-is-progress",
    breaks: "A heartbeat counts as progress of the task.",
    rule: 1,
    replaces: { taskLogic: HeartbeatIsProgress },
  },
  {
    name: "heartbeat-moves-deadline",
    breaks: "A heartbeat moves the deadline of the step on, and the release of its machine.",
    rule: 2,
    replaces: { taskLogic: HeartbeatMovesDeadline },
  },
];
