/**
 * Rule 7. Ended, produced, checked and pushed are four verdicts, each with its evidence; a run that produced nothing is
 * never green, and "pushed" is what the remote lists.
 */
import { isFailureReason } from "../failure-reason.ts";
import { isFinal } from "../task-lifecycle.ts";
import { verdictColour, type Verdicts } from "../verdicts.ts";
import { notObserved, type Breach, type Clause, type Rule, when } from "./rule.ts";
import type { RefRecord, SystemRecord } from "./system-record.ts";
import { lastState, type TaskRecord, type TaskRowRecord, type TaskState } from "./task-record.ts";

/** @returns in words what a completed task lacks. */
export function completedWithout({ ended, produced, checked, pushed }: Verdicts): readonly string[] {
  const lacks: string[] = [];
  if (ended?.holds !== true) lacks.push("completed, but the turn never ended");
  if (produced === null) lacks.push("completed, but nobody looked at what was produced");
  if (produced?.holds === true && pushed?.holds !== true) {
    lacks.push("completed, but what was produced is not at the remote");
  }
  if (checked?.outcome === "failed") lacks.push("completed, but the check failed");
  return lacks;
}

/** Verdicts that are said to hold, and whose own evidence says something else. */
function withoutEvidence({ produced, checked, pushed }: Verdicts): readonly string[] {
  const lacks: string[] = [];
  if (produced?.holds === true && produced.commits + produced.files === 0)
    lacks.push("produced, in no commit and no file");
  if (produced?.holds === true && produced.headCommit === null) lacks.push("produced, with no commit to show");
  if (checked?.outcome === "passed" && checked.exitCode !== 0)
    lacks.push(`checked, with exit code ${checked.exitCode}`);
  if (pushed?.holds === true && (pushed.ref ?? pushed.commit) === null) lacks.push("pushed, under no ref");
  if (pushed?.holds === true && produced?.holds === true && pushed.commit !== produced.headCommit) {
    lacks.push(`pushed ${pushed.commit}, and produced ${produced.headCommit}`);
  }
  return lacks;
}

function verdictBreaches({ taskId, step, verdicts }: TaskState): readonly Breach[] {
  const lacks = [...(step === "completed" ? completedWithout(verdicts) : []), ...withoutEvidence(verdicts)];
  return lacks.map((what) => ({ about: taskId, what }));
}

function failureBreaches({ taskId, step, failure }: TaskState): readonly Breach[] {
  return [
    ...when((step === "failed") !== (failure !== null), taskId, () => {
      return `it is ${step}, ${failure === null ? "for no reason" : `for the reason ${failure.reason}`}`;
    }),
    ...when(failure !== null && !isFailureReason(failure.reason), taskId, () => {
      return `it failed for the reason ${failure?.reason}, which is not of the closed list`;
    }),
    ...when(
      failure?.evidence.trim() === "",
      taskId,
      () => `it failed for the reason ${failure?.reason}, without evidence`,
    ),
  ];
}

function colourBreaches(row: TaskRowRecord, state: TaskState): readonly Breach[] {
  if (row.version !== state.version) return [];
  const { step, verdicts } = state;
  const due = isFinal(step) ? verdictColour(step, verdicts) : null;
  return when(
    row.colour !== due,
    row.taskId,
    () => `it is ${row.colour ?? "without colour"}, and its verdicts are ${due}`,
  );
}

const hasEvidence: Clause<TaskRecord> = {
  says: "completed means that it ended, was looked at, checked and pushed, each with its evidence",
  check: (record) => {
    const state = lastState(record);
    return state === null ? notObserved("its verdicts") : verdictBreaches(state);
  },
};

const hasReason: Clause<TaskRecord> = {
  says: "failed has a reason of the closed list, with evidence",
  check: (record) => {
    const state = lastState(record);
    return state === null ? notObserved("its failure") : failureBreaches(state);
  },
};

const hasColour: Clause<TaskRecord> = {
  says: "green is for work with evidence",
  check: (record) => {
    const state = lastState(record);
    if (state === null || record.row === undefined) return notObserved("its row and its verdicts");
    return colourBreaches(record.row, state);
  },
};

const allHaveEvidence: Clause<SystemRecord> = {
  says: "every completed task has its verdicts, and every failed one its reason, with evidence",
  check: ({ tasks }) => tasks.flatMap((task) => [...verdictBreaches(task), ...failureBreaches(task)]),
};

const allHaveTheirColour: Clause<SystemRecord> = {
  says: "green is for work with evidence",
  check: ({ tasks, taskRows }) => {
    if (taskRows === undefined) return notObserved("the rows of tasks");
    const states = new Map(tasks.map((task) => [task.taskId, task]));
    return taskRows.flatMap((row) => {
      const state = states.get(row.taskId);
      return state === undefined ? [] : colourBreaches(row, state);
    });
  },
};

const isFullRef = (ref: string) => (ref.startsWith("refs/") ? ref : `refs/heads/${ref}`);

/** What any task pushed to this ref: one that continues another moves its branch on. */
function pushedTo(tasks: readonly TaskState[], url: string, ref: string): ReadonlySet<string | null> {
  const pushes = tasks.filter(
    ({ repository, verdicts: { pushed } }) =>
      repository.url === url && pushed?.holds === true && pushed.ref !== null && isFullRef(pushed.ref) === ref,
  );
  return new Set(pushes.map(({ verdicts }) => verdicts.pushed?.commit ?? null));
}

function listed(refs: readonly RefRecord[], url: string, ref: string): RefRecord | undefined {
  return refs.find((one) => one.at === "remote" && one.repository === url && one.ref === ref);
}

const remoteListsIt: Clause<SystemRecord> = {
  says: "what is said to be pushed is listed by the remote",
  check: ({ tasks, refs }) => {
    if (refs === undefined) return notObserved("the remotes");
    return tasks.flatMap(({ taskId, repository: { url }, verdicts: { pushed } }) => {
      if (pushed?.holds !== true || pushed.ref === null) return [];
      const ref = isFullRef(pushed.ref);
      const found = listed(refs, url, ref);
      const isThere = found !== undefined && pushedTo(tasks, url, ref).has(found.commit);
      return when(!isThere, taskId, () => {
        const lists = found === undefined ? "no such ref" : found.commit;
        return `it is said to have pushed ${pushed.commit} to ${ref} of ${url}, which lists ${lists}`;
      });
    });
  },
};

export const endedIsNotDone: Rule = {
  number: 7,
  ofTask: [hasEvidence, hasReason, hasColour],
  ofSystem: [allHaveEvidence, allHaveTheirColour, remoteListsIt],
};
