/** A task's record, decided again by the task's own decisions. */
import type { Outage } from "../outage.ts";
import type { Settings } from "../settings.ts";
import { wholeFacts, type StoredTaskFacts } from "../stored-facts.ts";
import { afterOutages, begin, decide } from "../task-decision/decide.ts";
import type { TaskEvent } from "../task-event.ts";
import type { TaskFacts, TaskRequest } from "../task-facts.ts";
import type { Lull, RecordEntry } from "./record-entry.ts";
import { redecide, type Redecided, type Seen } from "./redecide.ts";
import { taskMomentOf, type TaskMoment } from "./task-moment.ts";

/** Facts as they are stored: the request, which never changes, stands beside them. */
type Stored = Omit<StoredTaskFacts, "request">;

export interface RecordedTask {
  readonly request: TaskRequest;
  readonly entries: readonly RecordEntry<TaskEvent, TaskMoment, Stored>[];
  readonly settings: Settings;
  readonly outages: readonly Outage[];
}

/** @param seen is told the facts after each entry, and after its lulls. */
export function redecideTask({ request, entries, settings, outages }: RecordedTask, seen?: Seen<TaskFacts>): Redecided {
  return redecide({
    entries,
    seen,
    settings,
    outages,
    lifecycle: {
      begin: (at, its) => begin(request, at, its),
      decide,
      afterOutages,
      momentOf: taskMomentOf,
      whole: (stored: Stored) => wholeFacts({ ...stored, request }),
      eventsOf,
      corrected,
      outagesSeenUntil: (moment: TaskMoment) => moment.outagesSeenUntil,
    },
  });
}

/** An observation of the node that showed nothing new is contact; between two updates of a turn nothing lies but time. */
function eventsOf(lulls: readonly Lull[]): readonly { readonly event: TaskEvent; readonly at: number }[] {
  const beats = lulls.filter(({ kind }) => kind === "contact" || kind === "node_observed");
  const updates = lulls.flatMap(({ kind, turn, firstAt, lastAt, firstSeq, lastSeq }) =>
    kind === "agent_update" && turn !== null && firstSeq !== null && lastSeq !== null
      ? [
          { at: firstAt, seq: firstSeq, turn },
          { at: lastAt, seq: lastSeq, turn },
        ]
      : [],
  );
  return [
    ...beats.map(({ lastAt }) => ({ event: { type: "contact" } as const, at: lastAt })),
    ...updates
      .toSorted((one, other) => one.seq - other.seq)
      .map(({ at, seq, turn }) => ({
        event: { type: "vm_agent", seq, event: { type: "agent_update", turn, update: {} } } as const,
        at,
      })),
  ];
}

function corrected(facts: TaskFacts, moment: TaskMoment): TaskFacts {
  const { step, version, clocks, deadlineAt, progressDeadlineAt, stallFlagAt, stalledSince, pollAt } = moment;
  const { retryAt, attempt, queuePlace, progressMark, nodeId, nodeMark, nodeEventSeq, effectCount } = moment;
  const { outagesSeenUntil, selecting, savedRef } = moment;
  return {
    ...facts,
    ...{ step, version, clocks, deadlineAt, progressDeadlineAt, stallFlagAt, stalledSince, pollAt },
    ...{ retryAt, attempt, queuePlace, progressMark, nodeId, nodeMark, nodeEventSeq, effectCount },
    ...{ outagesSeenUntil, selecting, savedRef },
  };
}
