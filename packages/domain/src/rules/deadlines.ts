/** Rule 2. Every state that is not final has a deadline and a cancel edge, and does not outlive its deadline. */
import { isFinalNodeState } from "../node-lifecycle.ts";
import { isFinal, taskLifecycle, type TaskStep } from "../task-lifecycle.ts";
import { moment, notObserved, type Breach, type Clause, type Rule, when } from "./rule.ts";
import type { NodeRecord, SystemRecord } from "./system-record.ts";
import type { TaskRecord, TransitionRecord } from "./task-record.ts";

interface Dated {
  readonly step: TaskStep;
  readonly deadlineAt: number | null;
}

function withoutDeadline(about: string, who: string, { step, deadlineAt }: Dated): readonly Breach[] {
  const broken = isFinal(step) !== (deadlineAt === null);
  return when(broken, about, () => `${who} is ${step}, ${deadlineAt === null ? "without" : "with"} a deadline`);
}

/** @param now when it was looked at. */
function overdue(about: string, who: string, { step, deadlineAt }: Dated, now: number, graceMs: number) {
  const lateMs = deadlineAt === null ? 0 : now - deadlineAt - graceMs;
  return when(!isFinal(step) && lateMs > 0, about, () => {
    const due = deadlineAt === null ? "" : moment(deadlineAt);
    return `at ${moment(now)} ${who} still is ${step}, whose deadline was ${due} (and ${graceMs} ms of grace)`;
  });
}

const hasDeadline: Clause<TaskRecord> = {
  says: "a deadline stands if and only if the step is not final",
  check: ({ taskId, sights, row }) => {
    if (sights.length === 0) return notObserved("its deadline at any moment");
    const ofRow = row === undefined ? [] : withoutDeadline(taskId, "its row", row);
    return [...sights.flatMap(({ state }) => withoutDeadline(taskId, "it", state)), ...ofRow];
  },
};

const isInTime: Clause<TaskRecord> = {
  says: "no step outlives its deadline",
  check: ({ taskId, sights, graceMs }) => {
    if (sights.length === 0) return notObserved("its deadline at any moment");
    return sights.flatMap(({ at, state }) => overdue(taskId, "it", state, at, graceMs));
  },
};

/** @returns whether the lifecycle's table has this edge. A task begins in its selection, or ends at once. */
function isAnEdge({ from, to }: TransitionRecord): boolean {
  if (from === null) return to === "node_selection";
  const row = taskLifecycle[from];
  return !row.final && row.leadsTo.includes(to);
}

const followsTheTable: Clause<TaskRecord> = {
  says: "every transition is an edge of the lifecycle's table",
  check: ({ taskId, transitions }) =>
    transitions.flatMap((transition) =>
      when(!isAnEdge(transition), taskId, () => {
        const { from, to, at, cause } = transition;
        return `${from ?? "nothing"} led to ${to} at ${moment(at)} by ${cause}, which the table does not have`;
      }),
    ),
};

const cancelIsHeard: Clause<TaskRecord> = {
  says: "a cancel leads to cancelling, from every step that is not final",
  check: ({ taskId, transitions, events }) => {
    if (events === undefined) return notObserved("what was asked of it");
    const asked = events.filter(({ type }) => type === "cancel_requested");
    return asked.flatMap(({ at }) => {
      const step = transitions.findLast((transition) => transition.at <= at)?.to;
      const isHeard = step === undefined || isFinal(step) || step === "cancelling";
      return when(!isHeard, taskId, () => `a cancel at ${moment(at)} left it in ${step}`);
    });
  },
};

function nodeBreaches(node: NodeRecord, { at, graceMs }: SystemRecord): readonly Breach[] {
  const { nodeId, state, deadlineAt } = node;
  const isOver = isFinalNodeState(state);
  return [
    ...when(isOver !== (deadlineAt === null), nodeId, () => {
      return `it is ${state}, ${deadlineAt === null ? "without" : "with"} a deadline`;
    }),
    ...when(!isOver && deadlineAt !== null && deadlineAt + graceMs < at, nodeId, () => {
      const due = deadlineAt === null ? "" : moment(deadlineAt);
      return `at ${moment(at)} it still is ${state}, whose deadline was ${due} (and ${graceMs} ms of grace)`;
    }),
  ];
}

const tasksInTime: Clause<SystemRecord> = {
  says: "every task that has not ended has a deadline, and is in time",
  check: ({ at, graceMs, tasks, taskRows = [] }) => [
    ...tasks.flatMap((task) => [
      ...withoutDeadline(task.taskId, "it", task),
      ...overdue(task.taskId, "it", task, at, graceMs),
    ]),
    // A row has the deadline of its transition; what moved it since, an outage or another turn, its runner alone knows.
    ...taskRows.flatMap((row) => withoutDeadline(row.taskId, "its row", row)),
  ],
};

const nodesInTime: Clause<SystemRecord> = {
  says: "every node that is not destroyed has a deadline, and is in time",
  check: (record) => {
    if (record.nodes === undefined) return notObserved("the nodes");
    return record.nodes.flatMap((node) => nodeBreaches(node, record));
  },
};

export const deadlines: Rule = {
  number: 2,
  ofTask: [hasDeadline, isInTime, followsTheTable, cancelIsHeard],
  ofSystem: [tasksInTime, nodesInTime],
};
