/**
 * Rule 8. A message, once accepted, is shown exactly once and in order, through any disconnect; and before a workspace is
 * torn down its uncommitted work is saved to a ref that can be found again.
 */
import { moment, notObserved, type Breach, type Clause, type Rule, when } from "./rule.ts";
import type { SystemRecord } from "./system-record.ts";
import { lastState, type EventRecord, type MessageRecord, type TaskRecord, type TaskState } from "./task-record.ts";

/** @returns where a row of numbers that should rise by one from `first` does not, in words. */
function gap(numbers: readonly number[], first: number): string | null {
  const index = numbers.findIndex((number, position) => number !== first + position);
  return index === -1 ? null : `${numbers[index]} stands where ${first + index} should`;
}

const numberedWithoutGap: Clause<TaskRecord> = {
  says: "its messages are numbered from 1 without a gap",
  check: ({ taskId, messages }) => {
    if (messages === undefined) return notObserved("its conversation");
    const seqs = messages.map(({ seq }) => seq);
    const found = gap(seqs, 1);
    return when(found !== null, taskId, () => `of its ${seqs.length} messages, ${found}`);
  },
};

const shownOnceAndInOrder: Clause<TaskRecord> = {
  says: "who follows is shown each message once and in order",
  check: ({ taskId, messages, followers }) => {
    if (followers === undefined) return notObserved("those who follow it");
    const last = messages?.at(-1)?.seq;
    return followers.flatMap(({ who, seqs, hasLeft = false }) => {
      const found = gap(seqs, seqs[0] ?? 1);
      const newest = seqs.at(-1) ?? 0;
      return [
        ...when(found !== null, taskId, () => `${who} was shown ${seqs.length} messages, and ${found}`),
        ...when(
          last !== undefined && !hasLeft && newest !== last,
          taskId,
          () => `${who} was shown ${newest} at last, of ${last}`,
        ),
      ];
    });
  },
};

const eachStepIsSaid: Clause<TaskRecord> = {
  says: "each transition is said once in the conversation",
  check: ({ taskId, messages, transitions }) => {
    if (messages === undefined) return notObserved("its conversation");
    const said = messages.flatMap(({ body }) => (body.kind === "step" ? [body.to ?? ""] : [])).join(", ");
    const made = transitions.map(({ to }) => to).join(", ");
    return when(said !== made, taskId, () => `its conversation says the steps ${said}; it went through ${made}`);
  },
};

function timesAsPrompt(messages: readonly MessageRecord[], text: string): number {
  return messages.filter(({ author, body }) => author === "user" && body.kind === "prompt" && body.text === text)
    .length;
}

/** What waited for the turn's end is shown at once in a note, and as a prompt when it is told. */
function isShown(messages: readonly MessageRecord[], text: string): boolean {
  return messages.some(({ author, body }) => author !== "agent" && body.text?.includes(text) === true);
}

const whatWasSaidIsShown: Clause<TaskRecord> = {
  says: "what the user said is shown, and told to the agent once at most",
  check: ({ taskId, messages, said }) => {
    if (messages === undefined || said === undefined) return notObserved("what the user said");
    return [...new Set(said)].flatMap((text): readonly Breach[] => {
      const times = said.filter((one) => one === text).length;
      const told = timesAsPrompt(messages, text);
      return [
        ...when(!isShown(messages, text), taskId, () => `the conversation does not show ${JSON.stringify(text)}`),
        ...when(told > times, taskId, () => `${JSON.stringify(text)} was said ${times} times, and told ${told} times`),
      ];
    });
  },
};

interface Report {
  readonly node: string;
  readonly seq: number;
  /** How often a machine was let go before: from there on it is numbered from 1 again, on the same node, too. */
  readonly stay: number;
}

function reportsOf(events: readonly EventRecord[]): Report[] {
  let stay = 0;
  return events.flatMap(({ type, seq, nodeId }) => {
    if (type === "node_released") stay += 1;
    return seq === undefined ? [] : [{ node: nodeId ?? "its node", seq, stay }];
  });
}

const eventsAreAppliedOnce: Clause<TaskRecord> = {
  says: "what its VM agent reported is applied once each, in order and without a gap",
  check: ({ taskId, events }) => {
    const reports = reportsOf(events ?? []);
    if (reports.length === 0) return notObserved("what its VM agent reported");
    return [...Map.groupBy(reports, ({ stay, node }) => `${stay} ${node}`).values()].flatMap((own) => {
      const node = own[0]?.node ?? "its node";
      const found = gap(
        own.map(({ seq }) => seq),
        1,
      );
      return when(found !== null, taskId, () => `of ${own.length} reports from ${node}, ${found}`);
    });
  },
};

function receiptBreaches({ taskId, receipt }: TaskState): readonly Breach[] {
  const saved = receipt.find(({ line }) => line === "workspace_saved");
  const removed = receipt.find(({ line }) => line === "workspace_removed");
  const isBroken = saved !== undefined && removed !== undefined && removed.at < saved.at;
  return when(isBroken, taskId, () => {
    return `its workspace was removed at ${moment(removed?.at ?? 0)}, and saved only at ${moment(saved?.at ?? 0)}`;
  });
}

const savedFirst: Clause<TaskRecord> = {
  says: "work is saved before its workspace is removed",
  check: (record) => {
    const state = lastState(record);
    return state === null ? notObserved("its receipt") : receiptBreaches(state);
  },
};

const allSavedFirst: Clause<SystemRecord> = {
  says: "work is saved before its workspace is removed",
  check: ({ tasks }) => tasks.flatMap(receiptBreaches),
};

const savedWorkIsThere: Clause<SystemRecord> = {
  says: "saved work is at its ref, at the remote or in a mirror",
  check: ({ tasks, refs }) => {
    if (refs === undefined) return notObserved("the remotes and the mirrors");
    return tasks.flatMap(({ taskId, savedRef, repository }) => {
      const isThere = refs.some(({ ref, repository: url }) => ref === savedRef && url === repository.url);
      return when(savedRef !== null && !isThere, taskId, () => {
        return `its work is said to be saved as ${savedRef}, which neither ${repository.url} nor a mirror of it has`;
      });
    });
  },
};

export const nothingLost: Rule = {
  number: 8,
  ofTask: [
    numberedWithoutGap,
    shownOnceAndInOrder,
    eachStepIsSaid,
    whatWasSaidIsShown,
    eventsAreAppliedOnce,
    savedFirst,
  ],
  ofSystem: [allSavedFirst, savedWorkIsThere],
};
