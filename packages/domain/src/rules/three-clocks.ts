/**
 * Rule 1. *In state since* moves only when the step changes, *last progress* only on evidence that the work itself moved,
 * *last contact* on heartbeats and polls; all stand still from the end on.
 */
import type { TaskEvent } from "../task-event.ts";
import { isFinal } from "../task-lifecycle.ts";
import { moment, notObserved, type Breach, type Clause, type Rule, when } from "./rule.ts";
import type { SystemRecord } from "./system-record.ts";
import type { TaskRecord, TaskSight, TaskState } from "./task-record.ts";

/** Events that are never progress by themselves, in a step that goes on. */
export const neverProgress: ReadonlySet<TaskEvent["type"]> = new Set(["look", "contact", "recover", "capacity_freed"]);

const nobodyLooked = notObserved("its clocks at any moment");

function pairs(sights: readonly TaskSight[]): readonly { readonly before: TaskSight; readonly after: TaskSight }[] {
  return sights.flatMap((after, index) => {
    const before = sights[index - 1];
    return before === undefined ? [] : [{ before, after }];
  });
}

const movesWithTheStep: Clause<TaskRecord> = {
  says: "in state since is the time of the step's transition, and stays it",
  check: ({ taskId, sights, transitions }) => {
    if (sights.length === 0) return nobodyLooked;
    return sights.flatMap(({ at, state }) => {
      const entered = transitions.find(({ version }) => version === state.version);
      const since = state.clocks.inStateSince;
      return when(entered !== undefined && entered.at !== since, taskId, () => {
        const truth = entered === undefined ? "" : moment(entered.at);
        return `at ${moment(at)} it was said to be in ${state.step} since ${moment(since)}, and had come there at ${truth}`;
      });
    });
  },
};

const progressIsEvidence: Clause<TaskRecord> = {
  says: "last progress moves on evidence alone",
  check: ({ taskId, sights, events }) => {
    if (events === undefined) return notObserved("what happened to it");
    return pairs(sights).flatMap(({ before, after }) => {
      const progressAt = after.state.clocks.lastProgressAt;
      const isNew = before.state.version === after.state.version && before.state.clocks.lastProgressAt !== progressAt;
      if (!isNew) return [];
      const evidence = events.some(({ at, type }) => at === progressAt && !neverProgress.has(type));
      return when(!evidence, taskId, () => {
        const then = events.filter(({ at }) => at === progressAt).map(({ type }) => type);
        const what = progressAt === null ? "was taken back" : `moved to ${moment(progressAt)}`;
        return `last progress ${what} in ${after.state.step}, and all that happened then is: ${then.join(", ") || "nothing"}`;
      });
    });
  },
};

const contactIsNotTakenBack: Clause<TaskRecord> = {
  says: "last contact never goes back",
  check: ({ taskId, sights }) => {
    if (sights.length === 0) return nobodyLooked;
    return pairs(sights).flatMap(({ before, after }) => {
      const was = before.state.clocks.lastContactAt;
      const is = after.state.clocks.lastContactAt;
      return when(was !== null && (is === null || is < was), taskId, () => {
        return `last contact went from ${was === null ? "never" : moment(was)} to ${is === null ? "never" : moment(is)}`;
      });
    });
  },
};

function frozenWrongly({ taskId, step, clocks }: TaskState): readonly Breach[] {
  const { frozenAt, inStateSince } = clocks;
  return [
    ...when(isFinal(step) && frozenAt !== inStateSince, taskId, () => {
      const frozen = frozenAt === null ? "run on" : `were frozen at ${moment(frozenAt)}`;
      return `it is ${step} since ${moment(inStateSince)}, and its clocks ${frozen}`;
    }),
    ...when(!isFinal(step) && frozenAt !== null, taskId, () => `its clocks are frozen in ${step}`),
  ];
}

const standStillAtTheEnd: Clause<TaskRecord> = {
  says: "the clocks stand still from the end on, and not before",
  check: ({ taskId, sights }) => {
    if (sights.length === 0) return nobodyLooked;
    const moved = pairs(sights).flatMap(({ before, after }) => {
      if (!isFinal(before.state.step)) return [];
      const was = JSON.stringify(before.state.clocks);
      const is = JSON.stringify(after.state.clocks);
      return when(
        was !== is,
        taskId,
        () => `after its end as ${before.state.step} its clocks went from ${was} to ${is}`,
      );
    });
    return [...sights.flatMap(({ state }) => frozenWrongly(state)), ...moved];
  },
};

const frozenIfEnded: Clause<SystemRecord> = {
  says: "the clocks stand still if and only if a task has ended",
  check: ({ tasks }) => tasks.flatMap(frozenWrongly),
};

export const threeClocks: Rule = {
  number: 1,
  ofTask: [movesWithTheStep, progressIsEvidence, contactIsNotTakenBack, standStillAtTheEnd],
  ofSystem: [frozenIfEnded],
};
