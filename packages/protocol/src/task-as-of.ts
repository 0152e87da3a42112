/**
 * A task as it was at any moment, computed from what is on record: its messages, its transitions and its clocks. What
 * nothing on record tells of that moment is left empty, and nothing that came later shines through.
 */
import type { KnownMoment } from "@sam/domain/record/task-moment";
import { describeConsequence, isFinal, taskLifecycle, type TaskStep } from "@sam/domain/task-lifecycle";
import { addUsage } from "@sam/domain/usage";
import { noVerdicts } from "@sam/domain/verdicts";
import { z } from "zod";

import type { Message } from "./message.ts";
import { taskViewSchema, type ReplyView, type TaskView, type TransitionView } from "./task-api.ts";

const instant = z.number().int();

export const taskAsOfSchema = z.object({
  at: instant,
  task: taskViewSchema,
  /** False: the clocks and deadlines of that moment were not recorded, since the task is older than that. */
  clocksKnown: z.boolean(),
  /** Beats around that moment, of which only the first and the last have a time. */
  counted: z.object({ from: instant, to: instant, count: z.number().int() }).nullable(),
  /** When something happened last before, and first after that moment. */
  before: instant.nullable(),
  after: instant.nullable(),
});
export type TaskAsOf = z.infer<typeof taskAsOfSchema>;

/** What is on record of a task's past. */
export interface TaskPast {
  readonly transitions: readonly TransitionView[];
  /** Of that moment; null: it was not recorded. */
  readonly known: KnownMoment | null;
  /** Those of that moment and before, in their order; the agent's own may be left out. */
  readonly messages: readonly Message[];
}

/** @param task as it is now. @param at never before the task's beginning. */
export function taskAsOf(task: TaskView, past: TaskPast, at: number): TaskView {
  const entered = past.transitions.findLast((transition) => transition.at <= at) ?? past.transitions[0];
  if (entered === undefined) return task;
  const { to: step, version } = entered;
  const moment = past.known?.moment.version === version ? past.known.moment : null;
  const messages = past.messages.filter((message) => message.at <= at);
  return {
    ...task,
    ...whatMayBeDone,
    step,
    final: isFinal(step),
    version,
    clocks: moment?.clocks ?? {
      inStateSince: entered.at,
      lastProgressAt: null,
      lastContactAt: null,
      frozenAt: isFinal(step) ? entered.at : null,
    },
    ...consequenceOf(step),
    deadlineAt: moment?.deadlineAt ?? null,
    progressDeadlineAt: moment?.progressDeadlineAt ?? null,
    stalledSince: moment?.stalledSince ?? null,
    progress: moment?.progressMark?.replace(/^\d+ /, "") ?? null,
    modelTrouble: moment?.modelTroubleSince === task.modelTrouble?.since ? task.modelTrouble : null,
    usage: usageIn(messages),
    waitingTexts: [],
    replies: task.replies.flatMap((reply) => replyAt(reply, at)),
    queuePlace: moment?.queuePlace ?? null,
    attempt: moment?.attempt ?? 1,
    nodeId: moment?.nodeId ?? null,
    baseCommit: past.transitions.some((it) => it.to === "agent_session" && it.at <= at) ? task.baseCommit : null,
    verdicts: { ...verdictsIn(messages), ended: moment?.ended ?? null },
    failure: step === "failed" ? task.failure : null,
    receipt: task.receipt.filter((entry) => entry.at <= at),
    unproven: isFinal(step) ? task.unproven : [],
    receiptLines: receiptLinesAsOf(task, step, at),
    savedRef: moment?.savedRef ?? null,
    // Where it lay in between is not on record.
    savedWork: task.savedWork !== null && task.savedWork.placedAt <= at ? task.savedWork : null,
    broughtBack: past.transitions.some((it) => it.to === "agent_session" && it.at <= at) ? task.broughtBack : null,
    // When its machine was let go stands in the conversation of that moment.
    release: null,
    ...questionsIn(messages),
    continuedBy: null,
  };
}

/** How far a reply had come by then. */
function replyAt(reply: ReplyView, at: number): readonly ReplyView[] {
  if (reply.acceptedAt > at) return [];
  const known = (time: number | null) => (time !== null && time <= at ? time : null);
  const missed = reply.missed !== null && reply.missed.at <= at ? reply.missed : null;
  return [{ ...reply, onMachineAt: known(reply.onMachineAt), readAt: known(reply.readAt), missed }];
}

/** Nothing can be done to what was. */
const whatMayBeDone = {
  canCancel: false,
  canForce: false,
  canSay: null,
  canInterrupt: false,
  canDeliver: false,
  canDiscardSavedWork: false,
} as const;

/** A line that was proven later was still open then. */
function receiptLinesAsOf(task: TaskView, step: TaskStep, at: number): TaskView["receiptLines"] {
  if (!isFinal(step) && step !== "cancelling") return [];
  return task.receiptLines.map((line) => {
    const isOpen = line.at === null ? step === "cancelling" : line.at > at;
    return isOpen ? { line: line.line, state: "open", at: null, proof: null } : line;
  });
}

function consequenceOf(step: TaskStep): Pick<TaskView, "waitsFor" | "onDeadline"> {
  const row = taskLifecycle[step];
  return row.final
    ? { waitsFor: null, onDeadline: null }
    : { waitsFor: row.waitsFor, onDeadline: describeConsequence(row.then) };
}

function usageIn(messages: readonly Message[]): TaskView["usage"] {
  const used = messages.flatMap(({ body }) => (body.kind === "turn_ended" && body.usage !== null ? [body.usage] : []));
  return used.reduce<TaskView["usage"]>((sum, usage) => ({ ...addUsage(sum, usage) }), null);
}

function verdictsIn(messages: readonly Message[]): TaskView["verdicts"] {
  const newest = messages.findLast(({ body }) => body.kind === "verdicts")?.body;
  return newest?.kind === "verdicts" ? newest.verdicts : noVerdicts;
}

/** The questions that were open then, the first of them to be answered. */
function questionsIn(messages: readonly Message[]): Pick<TaskView, "permission" | "furtherPermissions"> {
  const settled = new Set(messages.flatMap(({ body }) => (body.kind === "permission_settled" ? [body.requestId] : [])));
  const open = messages.flatMap(({ at, body }) =>
    body.kind === "permission" && !settled.has(body.requestId) ? [{ askedAt: at, question: body }] : [],
  );
  const [first] = open;
  if (first === undefined) return { permission: null, furtherPermissions: 0 };
  const { requestId, title, detail, toolKind, options } = first.question;
  const permission = { requestId, title, detail, toolKind, askedAt: first.askedAt, options };
  return { permission, furtherPermissions: open.length - 1 };
}
