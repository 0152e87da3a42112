/** Canaries of ends: what comes late overwrites what was final, and what was stopped runs on. */
import type { NodeId } from "@sam/domain/ids";
import type { TaskFacts } from "@sam/domain/task-facts";

import { TaskRunnerLogic } from "../../../../apps/control/src/task/task-runner-logic.ts";
import type { Canary, TaskLogicPorts } from "./canary.ts";

/** Writes an end over whatever is there. */
class Overwriting extends TaskRunnerLogic {
  readonly #own: TaskLogicPorts;

  constructor(ports: TaskLogicPorts) {
    super(ports);
    this.#own = ports;
  }

  protected overwrite(to: TaskFacts["step"], more: Partial<TaskFacts>): void {
    const before = this.facts();
    if (before === null || before.step === to) return;
    const now = this.#own.clock();
    const version = before.version + 1;
    const transition = { version, from: before.step, to, at: now, cause: "late" };
    const facts = { ...before, ...more, step: to, version, clocks: { ...before.clocks, inStateSince: now } };
    this.#own.store.commit({ facts, transitions: [transition], intents: [], completes: null, now }, () => undefined);
  }
}

class LateSuccess extends Overwriting {
  override vmAgentEvents(nodeId: NodeId, records: string) {
    const outcome = super.vmAgentEvents(nodeId, records);
    const step = this.facts()?.step;
    const isCancelled = step === "cancelling" || step === "cancelled";
    if (isCancelled && records.includes('"type":"delivered"')) {
      this.overwrite("completed", { deadlineAt: null });
    }
    return outcome;
  }
}

class LateFailure extends Overwriting {
  override vmAgentEvents(nodeId: NodeId, records: string) {
    const outcome = super.vmAgentEvents(nodeId, records);
    const isFailed = records.includes('"type":"command_failed"');
    if (isFailed && this.facts()?.step === "completed") this.overwrite("failed", {});
    return outcome;
  }
}

export const ofEnds: readonly Canary[] = [
  {
    name: "late-success-over-cancel",
    breaks: "A delivery that ends after the cancel completes the task.",
    rule: 6,
    replaces: { taskLogic: LateSuccess },
  },
  {
    name: "late-failure-over-success",
    breaks: "A teardown that fails after the end fails the task.",
    rule: 6,
    replaces: { taskLogic: LateFailure },
  },
  {
    name: "stopped-in-name-only",
    breaks: "An agent is declared dead, its process lives on, and a second one is started.",
    rule: 9,
    replaces: {
      machine: (machine) => {
        machine.endProcesses = (taskId) => {
          for (const process of machine.alive(taskId)) process.declareDead();
          return Promise.resolve();
        };
      },
    },
  },
  {
    name: "removed-before-saved",
    breaks: "A workspace is removed without its work having been saved.",
    rule: 8,
    replaces: {
      machine: (machine) => {
        machine.save = () => null;
      },
    },
  },
];
