/** An export as those ask it who judge it: the decisions, which are made again, and the ten rules. */
import type { Machine } from "@sam/domain/node-facts";
import type { Redecided } from "@sam/domain/record/redecide";
import { redecideNode } from "@sam/domain/record/redecide-node";
import { redecideTask, type RecordedTask } from "@sam/domain/record/redecide-task";
import { checkTask, type RuleReport } from "@sam/domain/rules/check";
import {
  taskStateOf,
  type EffectRecord,
  type EventRecord,
  type TaskRecord,
  type TaskRowRecord,
  type TaskSight,
} from "@sam/domain/rules/task-record";
import { defaultSettings, type Settings } from "@sam/domain/settings";
import { wholeFacts } from "@sam/domain/stored-facts";
import type { TaskEffect } from "@sam/domain/task-event";
import { taskSteps } from "@sam/domain/task-lifecycle";
import { z } from "zod";

import type { RecordedEffect } from "./record.ts";
import type { ExportedNode, TaskExport } from "./task-export.ts";

function settingsOf({ settings }: TaskExport): Settings {
  return { ...defaultSettings, ...settings };
}

function recordedTask(exported: TaskExport): RecordedTask {
  const { task, outages } = exported;
  return { request: task.request, entries: task.record.entries, settings: settingsOf(exported), outages };
}

/** Decides the task's events again. */
export function redecideExport(exported: TaskExport): Redecided {
  return redecideTask(recordedTask(exported));
}

/** Decides the events of one of its nodes again; null where that node's own object could not be asked. */
export function redecideExportedNode(exported: TaskExport, { request, record }: ExportedNode): Redecided | null {
  if (request === null) return null;
  const { outages } = exported;
  return redecideNode({ request, entries: record.entries, settings: settingsOf(exported), outages });
}

/** Holds the ten rules against the task. What the file does not show is said to be not checked. */
export function checkExport(exported: TaskExport): readonly RuleReport[] {
  return checkTask(ruleRecordOf(exported));
}

/** @returns what the file shows of the task, in the shape that the rules look at. */
export function ruleRecordOf(exported: TaskExport): TaskRecord {
  const { task, exportedAt } = exported;
  const { record, transitions, effects, messages } = task;
  const row = rowOf(exported);
  const isWhole = record.dropped === 0 && !record.beginsLate;
  const machine = machineOf(exported);
  return {
    taskId: task.request.taskId,
    readAt: exportedAt,
    graceMs: settingsOf(exported).sweepGraceMs,
    transitions,
    sights: sightsOf(exported),
    ...(isWhole ? { events: eventsOf(record.entries), said: saidIn(record.entries) } : {}),
    effects: effects.flatMap(effectOf),
    messages,
    ...(row === null ? {} : { row }),
    ...(machine === null ? {} : { machine }),
  };
}

/** The facts after each entry, as far as they are on record, and those at the end. */
function sightsOf(exported: TaskExport): readonly TaskSight[] {
  const { request, facts, alarmAt } = exported.task;
  const sights: TaskSight[] = [];
  redecideTask(recordedTask(exported), (at, then) => sights.push({ at, state: taskStateOf(then) }));
  const last = { ...taskStateOf(wholeFacts({ ...facts, request })), alarmAt };
  return [...sights, { at: exported.exportedAt, state: last }];
}

type Entry = TaskExport["task"]["record"]["entries"][number];

/** What happened, the events of lulls included: of those only the first and the last have their own time. */
function eventsOf(entries: readonly Entry[]): readonly EventRecord[] {
  let from: string | null = null;
  return entries.flatMap((entry) => {
    from = entry.after.nodeId ?? from;
    const place = from === null ? {} : { nodeId: from };
    return [...ownEvent(entry, place), ...entry.lulls.flatMap((lull) => lullEvents(lull, place))];
  });
}

type Place = Pick<EventRecord, "nodeId">;

function ownEvent({ at, type, event, after }: Entry, place: Place): EventRecord[] {
  // An event that was not kept is one of those that carry what somebody wrote.
  if (type === "vm_agent") {
    return [{ at, type, seq: event?.type === "vm_agent" ? event.seq : after.nodeEventSeq, ...place }];
  }
  if (type === "follow_up" || type === "continued") return [{ at, type }];
  return event === null ? [] : [{ at, type: event.type }];
}

function lullEvents({ kind, count, firstAt, lastAt, firstSeq, lastSeq }: Entry["lulls"][number], place: Place) {
  const times = Array.from({ length: count }, (_one, index) => (index === 0 ? firstAt : lastAt));
  if (kind === "contact" || kind === "look" || kind === "node_observed") {
    return times.map((at): EventRecord => ({ at, type: kind }));
  }
  if (firstSeq === null || lastSeq === null || lastSeq - firstSeq + 1 !== count) return [];
  return times.map((at, index): EventRecord => ({ at, type: "vm_agent", seq: firstSeq + index, ...place }));
}

/** What the user said and was not the first prompt; said again under the same key it was said once. */
function saidIn(entries: readonly Entry[]): readonly string[] {
  const keys = new Set<string>();
  return entries.flatMap(({ event }) => {
    if (event?.type !== "follow_up" || (event.key !== null && keys.has(event.key))) return [];
    if (event.key !== null) keys.add(event.key);
    return [event.text];
  });
}

const otherKinds = [
  "select_node",
  "ask_node",
  "record_workspace",
  "release_node",
  "give_up_node",
  "begin_task",
] as const satisfies readonly TaskEffect["kind"][];

const commandSchema = z.object({
  kind: z.literal("command"),
  commandId: z.string(),
  body: z.object({ type: z.string(), incarnation: z.number().int().optional() }),
});
const otherEffectSchema = z.object({ kind: z.enum(otherKinds) });

/** The writing of a row is no effect of a decision, but of a transition. */
function effectOf({ key, intent, doneAt }: RecordedEffect): EffectRecord[] {
  const command = commandSchema.safeParse(intent);
  if (command.success) {
    const { commandId, body } = command.data;
    const { type, incarnation } = body;
    const numbered = incarnation === undefined ? {} : { incarnation };
    return [{ key, kind: "command", doneAt, command: { commandId, type, ...numbered } }];
  }
  const other = otherEffectSchema.safeParse(intent);
  return other.success ? [{ key, kind: other.data.kind, doneAt }] : [];
}

const rowSchema = z.object({
  taskId: z.string(),
  step: z.enum(taskSteps),
  version: z.number().int(),
  updatedAt: z.number().int(),
  deadlineAt: z.number().int().nullable(),
  colour: z.enum(["green", "amber", "red"]).nullable(),
  writtenBy: z.enum(["task_runner", "sweep"]),
});

function rowOf({ row }: TaskExport): TaskRowRecord | null {
  const parsed = rowSchema.safeParse(row);
  return parsed.success ? parsed.data : null;
}

/** The machine, as its provider's catalog described it to the node that the task was on last. */
function machineOf({ nodes }: TaskExport): Machine | null {
  const events = nodes.flatMap(({ record }) => record.entries.map(({ event }) => event));
  const read = events.findLast((event) => event?.type === "machine_read");
  return read?.type === "machine_read" ? read.machine : null;
}
