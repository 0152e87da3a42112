/**
 * A task's record is what is known of one task's whole life: by a flight recorder, a simulator, or somebody who asked the
 * API again and again. It is plain data and survives JSON. What its maker could not see is left out, never made up.
 */
import type { Clocks } from "../clocks.ts";
import type { ReceiptEntry } from "../message.ts";
import type { Machine } from "../node-facts.ts";
import type { ReceiptLine } from "../node-task.ts";
import { isKept } from "../saved-work.ts";
import type { TaskEffect, TaskEvent } from "../task-event.ts";
import type { TaskFacts } from "../task-facts.ts";
import type { TaskStep } from "../task-lifecycle.ts";
import type { Verdicts } from "../verdicts.ts";

/** The facts of a task that the rules speak of. What the API shows of a task is one; `taskStateOf` makes one of facts. */
export interface TaskState {
  readonly taskId: string;
  readonly step: TaskStep;
  readonly version: number;
  readonly createdAt: number;
  readonly clocks: Clocks;
  readonly deadlineAt: number | null;
  readonly nodeId: string | null;
  readonly branch: string;
  readonly prompt: string;
  readonly repository: { readonly url: string };
  readonly verdicts: Verdicts;
  readonly failure: { readonly reason: string; readonly evidence: string } | null;
  readonly receipt: readonly ReceiptEntry[];
  readonly unproven: readonly ReceiptLine[];
  readonly savedRef: string | null;
  /** When its runner looks next; null: never. */
  readonly alarmAt?: number | null;
}

/** What was seen of a task at a moment, in milliseconds since 1970. */
export interface TaskSight {
  readonly at: number;
  readonly state: TaskState;
}

export interface TransitionRecord {
  readonly version: number;
  readonly from: TaskStep | null;
  readonly to: TaskStep;
  readonly at: number;
  readonly cause: string;
}

export interface EventRecord {
  readonly at: number;
  readonly type: TaskEvent["type"];
  /** Of what a VM agent reported and was applied: its number, and the node that it came from. */
  readonly seq?: number;
  readonly nodeId?: string;
}

export interface MessageRecord {
  readonly seq: number;
  readonly author: "user" | "agent" | "sam";
  /** Of a message's body what the rules ask after: the text of a prompt or a note, and the step that was come to. */
  readonly body: { readonly kind: string; readonly text?: string; readonly to?: string };
}

export interface EffectRecord {
  readonly key: string;
  readonly kind: TaskEffect["kind"];
  /** When it was carried out; null: it still is owed. Left out where that is not known. */
  readonly doneAt?: number | null;
  readonly command?: { readonly commandId: string; readonly type: string; readonly incarnation?: number };
}

/** A task's row in D1. */
export interface TaskRowRecord {
  readonly taskId: string;
  readonly step: TaskStep;
  readonly version: number;
  readonly updatedAt: number;
  readonly deadlineAt: number | null;
  readonly colour: "green" | "amber" | "red" | null;
  readonly writtenBy?: "task_runner" | "sweep";
}

/** A change of that row, in the order in which they were made. */
export interface RowChangeRecord {
  readonly version: number;
  readonly step: TaskStep;
}

/** Somebody who followed the conversation live: the seqs as they were shown. */
export interface FollowerRecord {
  readonly who: string;
  readonly seqs: readonly number[];
  /** Whether they left before the record was read; left out: they stayed. */
  readonly hasLeft?: boolean;
}

export interface TaskRecord {
  readonly taskId: string;
  readonly readAt: number;
  /** How long after it was due something may still be under way. */
  readonly graceMs: number;
  readonly transitions: readonly TransitionRecord[];
  /** In the order in which they were seen; the last one as it was when the record was read. */
  readonly sights: readonly TaskSight[];
  readonly events?: readonly EventRecord[];
  readonly effects?: readonly EffectRecord[];
  /** The ids of the commands that a VM agent carried out, each as often as it did. */
  readonly carriedOut?: readonly string[];
  readonly messages?: readonly MessageRecord[];
  readonly followers?: readonly FollowerRecord[];
  /** What the user said and SAM accepted, the first prompt excepted. */
  readonly said?: readonly string[];
  readonly row?: TaskRowRecord;
  readonly rowChanges?: readonly RowChangeRecord[];
  /** The machine that it ran on, as it was shown. */
  readonly machine?: Machine;
}

export function taskStateOf(facts: TaskFacts): TaskState {
  const { request, step, version, createdAt, clocks, deadlineAt, nodeId, branch } = facts;
  const { verdicts, failure, receipt, unproven, savedWork } = facts;
  const { taskId, prompt, repository } = request;
  // What was delivered or given up since is kept nowhere, or is being removed.
  const savedRef = savedWork === null || isKept(savedWork) ? facts.savedRef : null;
  const end = { verdicts, failure, receipt, unproven, savedRef };
  return { taskId, prompt, repository, step, version, createdAt, clocks, deadlineAt, nodeId, branch, ...end };
}

/** @param doneAt when it was carried out; null: not yet. */
export function effectRecordOf(key: string, effect: TaskEffect, doneAt?: number | null): EffectRecord {
  const done = doneAt === undefined ? {} : { doneAt };
  if (effect.kind !== "command") return { key, kind: effect.kind, ...done };
  const { commandId, body } = effect;
  const incarnation = body.type === "start_agent" ? { incarnation: body.incarnation } : {};
  return { key, kind: effect.kind, ...done, command: { commandId, type: body.type, ...incarnation } };
}

/** What the task was when the record was read; null where nobody saw it. */
export function lastState({ sights }: TaskRecord): TaskState | null {
  return sights.at(-1)?.state ?? null;
}
