/**
 * Rule 5. The row in D1 is a projection of its runner, and only of it: one row change for each transition, dated by the
 * transition. One exception: the sweep may end the row of a task whose runner cannot be reached.
 */
import { moment, notObserved, type Breach, type Clause, type Rule, when } from "./rule.ts";
import type { SystemRecord } from "./system-record.ts";
import { lastState, type RowChangeRecord, type TaskRecord, type TaskRowRecord, type TaskState } from "./task-record.ts";

const inWords = (changes: readonly RowChangeRecord[]) =>
  changes.map(({ version, step }) => `${version} ${step}`).join(", ") || "none";

const oneChangeEach: Clause<TaskRecord> = {
  says: "one row change for each transition, in their order, and no other",
  check: ({ taskId, transitions, rowChanges, row, graceMs, readAt }) => {
    if (rowChanges === undefined) return notObserved("the changes of its row");
    if (row?.writtenBy === "sweep") return [];
    const owed = transitions.filter(({ at }) => at + graceMs <= readAt).length;
    const all = transitions.map(({ version, to }) => ({ version, step: to }));
    // The last of them may be on their way.
    const due = inWords(all.slice(0, Math.max(owed, rowChanges.length)));
    const made = inWords(rowChanges);
    return when(made !== due, taskId, () => `its row was changed to: ${made}; its transitions were: ${due}`);
  },
};

/** What differs between a row and its runner. */
function differences(row: TaskRowRecord, state: TaskState): readonly Breach[] {
  const says = (what: string, ofRow: string | number, ofRunner: string | number) =>
    when(ofRow !== ofRunner, row.taskId, () => `its row says ${what} ${ofRow}, its runner ${ofRunner}`);
  return [
    ...says("version", row.version, state.version),
    ...says("step", row.step, state.step),
    ...says("moved at", moment(row.updatedAt), moment(state.clocks.inStateSince)),
  ];
}

/** A row that is one version behind is on its way, for as long as the grace lasts. */
function isOnItsWay(row: TaskRowRecord, state: TaskState, now: number, graceMs: number): boolean {
  return row.version < state.version && state.clocks.inStateSince + graceMs > now;
}

const saysTheSame: Clause<TaskRecord> = {
  says: "the row says what its runner says",
  check: (record) => {
    const state = lastState(record);
    const { row, readAt, graceMs } = record;
    if (row === undefined || state === null) return notObserved("its row and its state");
    return isOnItsWay(row, state, readAt, graceMs) ? [] : differences(row, state);
  },
};

const allSayTheSame: Clause<SystemRecord> = {
  says: "every row says what its runner says",
  check: ({ tasks, taskRows, at, graceMs }) => {
    if (taskRows === undefined) return notObserved("the rows of tasks");
    const states = new Map(tasks.map((task) => [task.taskId, task]));
    return taskRows.flatMap((row) => {
      const state = states.get(row.taskId);
      return state === undefined || isOnItsWay(row, state, at, graceMs) ? [] : differences(row, state);
    });
  },
};

const nodesSayTheSame: Clause<SystemRecord> = {
  says: "every node's row says what its NodeLifecycle says",
  check: ({ nodes, nodeRows, at, graceMs }) => {
    if (nodes === undefined || nodeRows === undefined) return notObserved("the nodes and their rows");
    const objects = new Map(nodes.map((node) => [node.nodeId, node]));
    return nodeRows.flatMap(({ nodeId, state, version }) => {
      const node = objects.get(nodeId);
      if (node === undefined || (version < node.version && node.inStateSince + graceMs > at)) return [];
      const isSame = node.version === version && node.state === state;
      return when(!isSame, nodeId, () => {
        return `its row says ${state} as version ${version}, its NodeLifecycle ${node.state} as version ${node.version}`;
      });
    });
  },
};

export const projection: Rule = {
  number: 5,
  ofTask: [oneChangeEach, saysTheSame],
  ofSystem: [allSayTheSame, nodesSayTheSame],
};
