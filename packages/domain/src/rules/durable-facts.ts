/**
 * Rule 3. A fact that a retry or a cleanup depends on is durable: no transition is forgotten, no row is without its runner,
 * and whoever still owes something will look again by itself.
 */
import { isFinalNodeState } from "../node-lifecycle.ts";
import { isFinal, type TaskStep } from "../task-lifecycle.ts";
import { notObserved, type Breach, type Clause, type Rule, when } from "./rule.ts";
import type { SystemRecord } from "./system-record.ts";
import { lastState, type TaskRecord, type TransitionRecord } from "./task-record.ts";

type Link = Pick<TransitionRecord, "version" | "from" | "to">;

/**
 * @param start what the first of these transitions followed; step null: nothing.
 * @returns in words what is wrong with their order.
 */
export function brokenChain(
  start: { readonly step: TaskStep | null; readonly version: number },
  transitions: readonly Link[],
): readonly string[] {
  const broken: string[] = [];
  let from = start.step;
  for (const [index, transition] of transitions.entries()) {
    const { version, to } = transition;
    if (transition.from !== from) broken.push(`a transition from ${transition.from}, not from ${from}`);
    if (transition.from === to) broken.push(`a transition from ${to} to itself`);
    if (version !== start.version + index + 1) {
      broken.push(`a version was left out: ${start.version + index + 1}, and there is ${version}`);
    }
    from = to;
  }
  return broken;
}

const noneIsForgotten: Clause<TaskRecord> = {
  says: "no transition is forgotten",
  check: (record) => {
    const { taskId, transitions } = record;
    const chain = brokenChain({ step: null, version: 0 }, transitions);
    const state = lastState(record);
    const last = transitions.at(-1);
    const isElsewhere = state !== null && (state.version !== last?.version || state.step !== last.to);
    return [
      ...chain.map((what) => ({ about: taskId, what })),
      ...when(isElsewhere, taskId, () => {
        const log = last === undefined ? "no transition" : `${last.to} as version ${last.version}`;
        return `it is ${state?.step} as version ${state?.version}, and its log ends with ${log}`;
      }),
    ];
  },
};

const looksAgain: Clause<TaskRecord> = {
  says: "who has not ended, or still owes an effect, looks again by itself",
  check: (record) => {
    const state = lastState(record);
    if (state?.alarmAt === undefined) return notObserved("its alarm");
    const owed = record.effects?.filter(({ doneAt }) => doneAt === null) ?? [];
    const isDue = !isFinal(state.step) || owed.length > 0;
    return when(isDue && state.alarmAt === null, record.taskId, () => {
      const what = owed.map(({ key, kind }) => `${key} (${kind})`).join(", ") || "no effect";
      return `it is ${state.step}, owes ${what}, and has no alarm`;
    });
  },
};

const rowsHaveRunners: Clause<SystemRecord> = {
  says: "no row without its runner, and no runner without its row",
  check: ({ tasks, taskRows }) => {
    if (taskRows === undefined) return notObserved("the rows of tasks");
    const rows = new Set(taskRows.map(({ taskId }) => taskId));
    const runners = new Set(tasks.map(({ taskId }) => taskId));
    return [
      ...taskRows.flatMap(({ taskId, step }) =>
        when(!runners.has(taskId), taskId, () => `its row says ${step}, and no runner knows it`),
      ),
      ...tasks.flatMap(({ taskId, step }) =>
        when(!rows.has(taskId), taskId, () => `its runner says ${step}, and it has no row`),
      ),
    ];
  },
};

const nodeRowsHaveObjects: Clause<SystemRecord> = {
  says: "no node's row without its NodeLifecycle, and none of those without its row",
  check: ({ nodes, nodeRows }) => {
    if (nodes === undefined || nodeRows === undefined) return notObserved("the nodes and their rows");
    const rows = new Set(nodeRows.map(({ nodeId }) => nodeId));
    const objects = new Set(nodes.map(({ nodeId }) => nodeId));
    return [
      ...nodeRows.flatMap(({ nodeId, state }) =>
        when(!objects.has(nodeId), nodeId, () => `its row says ${state}, and no NodeLifecycle knows it`),
      ),
      ...nodes.flatMap(({ nodeId, state }) => when(!rows.has(nodeId), nodeId, () => `it is ${state}, without a row`)),
    ];
  },
};

const allLookAgain: Clause<SystemRecord> = {
  says: "every task and node that is not over looks again by itself",
  check: ({ tasks, nodes = [] }) => {
    const seen = [...tasks, ...nodes].filter(({ alarmAt }) => alarmAt !== undefined);
    if (seen.length === 0) return notObserved("the alarms");
    const asleep = (about: string, is: string, isOver: boolean, alarmAt?: number | null): readonly Breach[] =>
      when(!isOver && alarmAt === null, about, () => `it is ${is}, and has no alarm`);
    return [
      ...tasks.flatMap(({ taskId, step, alarmAt }) => asleep(taskId, step, isFinal(step), alarmAt)),
      ...nodes.flatMap(({ nodeId, state, alarmAt }) => asleep(nodeId, state, isFinalNodeState(state), alarmAt)),
    ];
  },
};

export const durableFacts: Rule = {
  number: 3,
  ofTask: [noneIsForgotten, looksAgain],
  ofSystem: [rowsHaveRunners, nodeRowsHaveObjects, allLookAgain],
};
