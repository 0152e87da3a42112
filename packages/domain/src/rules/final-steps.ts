/** Rule 6. A final step is final: late success never overwrites a cancel, and a late failure never overwrites success. */
import { isFinal } from "../task-lifecycle.ts";
import { moment, notObserved, type Clause, type Rule, when } from "./rule.ts";
import type { SystemRecord } from "./system-record.ts";
import type { TaskRecord, TaskState } from "./task-record.ts";

const nothingFollows: Clause<TaskRecord> = {
  says: "no step follows a final one",
  check: ({ taskId, transitions }) => {
    const end = transitions.findIndex(({ to }) => isFinal(to));
    if (end === -1) return [];
    const ended = transitions[end];
    return transitions.slice(end + 1).map(({ to, at, cause }) => ({
      about: taskId,
      what: `it ended as ${ended?.to}, and became ${to} at ${moment(at)} by ${cause}`,
    }));
  },
};

const cancelHolds: Clause<TaskRecord> = {
  says: "a task that was cancelled is never completed",
  check: ({ taskId, transitions }) => {
    const cancelled = transitions.find(({ to }) => to === "cancelling");
    const completed = transitions.find(({ to }) => to === "completed");
    return when(cancelled !== undefined && completed !== undefined, taskId, () => {
      const times = [cancelled, completed].map((transition) => moment(transition?.at ?? 0));
      return `it was cancelled at ${times[0]} and completed at ${times[1]}`;
    });
  },
};

/** What the end says, to be the same for ever. */
function endOf({ step, version, failure, verdicts }: TaskState): string {
  return JSON.stringify({ step, version, reason: failure?.reason ?? null, verdicts });
}

const staysTheSame: Clause<TaskRecord> = {
  says: "what the end says is the same for ever",
  check: ({ taskId, sights }) => {
    if (sights.length === 0) return notObserved("its end");
    const first = sights.findIndex(({ state }) => isFinal(state.step));
    const ended = sights[first];
    if (ended === undefined) return [];
    return sights.slice(first + 1).flatMap(({ at, state }) =>
      when(endOf(state) !== endOf(ended.state), taskId, () => {
        return `its end said ${endOf(ended.state)} at ${moment(ended.at)}, and ${endOf(state)} at ${moment(at)}`;
      }),
    );
  },
};

const noRowEndsAlone: Clause<SystemRecord> = {
  says: "a row that is final has a runner that is, and ended in the same way",
  check: ({ tasks, taskRows }) => {
    if (taskRows === undefined) return notObserved("the rows of tasks");
    const states = new Map(tasks.map((task) => [task.taskId, task]));
    return taskRows.flatMap(({ taskId, step }) => {
      const state = states.get(taskId);
      const isBroken = isFinal(step) && state !== undefined && state.step !== step;
      return when(isBroken, taskId, () => `its row ended as ${step}, and its runner is ${state?.step}`);
    });
  },
};

export const finalSteps: Rule = {
  number: 6,
  ofTask: [nothingFollows, cancelHolds, staysTheSame],
  ofSystem: [noRowEndsAlone],
};
