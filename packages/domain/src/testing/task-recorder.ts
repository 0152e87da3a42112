/** A record of a task in memory, as its runner would keep it. */
import type { RecordEntry } from "../record/record-entry.ts";
import { additionOf, type Newest } from "../record/recording.ts";
import type { RecordedTask } from "../record/redecide-task.ts";
import { quietTaskEvent, taskMomentOf, type TaskMoment } from "../record/task-moment.ts";
import { defaultSettings } from "../settings.ts";
import type { TaskDecision, TaskEvent } from "../task-event.ts";
import type { TaskFacts } from "../task-facts.ts";

type Entry = RecordEntry<TaskEvent, TaskMoment, Omit<TaskFacts, "request">>;

export class TaskRecorder {
  readonly entries: Entry[] = [];
  #newest: Newest<TaskMoment> | null = null;

  take(event: TaskEvent | null, at: number, made: TaskDecision): void {
    const words = { momentOf: taskMomentOf, quietOf: quietTaskEvent };
    const addition = additionOf(words, this.#newest, { event, at }, made);
    const { moment } = addition;
    const last = this.entries.pop();
    if (addition.kind === "lull" && last !== undefined) {
      this.entries.push({ ...last, lulls: addition.lulls, atLast: moment });
      this.#newest = { lulls: addition.lulls, moment };
    } else if (addition.kind === "entry") {
      if (last !== undefined) this.entries.push(last);
      this.entries.push(entryOf(this.entries.length + 1, at, event, addition.outcome, moment));
      this.#newest = { lulls: [], moment };
    }
  }

  record(request: TaskFacts["request"]): RecordedTask {
    return { request, entries: this.entries, settings: defaultSettings, outages: [] };
  }
}

function entryOf(
  position: number,
  at: number,
  event: TaskEvent | null,
  outcome: Entry["outcome"],
  after: TaskMoment,
): Entry {
  const nothing = {
    notKept: null,
    outcomeOf: null,
    messages: null,
    lulls: [],
    atLast: null,
    facts: null,
    settings: null,
  };
  return { position, at, type: event?.type ?? "begun", event, outcome, after, ...nothing };
}
