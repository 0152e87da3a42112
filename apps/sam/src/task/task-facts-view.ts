/** The facts of one task in words: what it is, where it stands and since when, and what happens next. */
import { progressText } from "@sam/domain/progress-words";
import { modelFailureText, usageScope, usageText } from "@sam/domain/usage-words";
import type { TaskView } from "@sam/protocol/task-api";

import { savedLines } from "../saved/saved-view.ts";
import { cut } from "../terminal/cells.ts";
import { plainLine } from "../terminal/plain-text.ts";
import type { Paint } from "../terminal/style.ts";
import { ago, dateAndTime, duration } from "../terminal/times.ts";
import { furtherLines, questionLines } from "./permission-view.ts";
import { releaseLines } from "./release-view.ts";
import { lackingText, replyLines } from "./reply-view.ts";
import { howTo, wantedOf } from "./wanted.ts";

const waitingTextWidth = 70;

export function taskLines(task: TaskView, paint: Paint, nowMs: number): readonly string[] {
  return [
    ...identityLines(task, paint),
    ...(task.final ? [] : progressLines(task, paint, nowMs)),
    ...(task.final ? [] : wantedLines(task, paint)),
    ...(task.savedWork === null ? [] : savedLines(task.savedWork, task.taskId, nowMs)),
    ...(task.release === null ? [] : releaseLines(task.release, nowMs).map((line) => `  machine   ${line}`)),
    ...(task.final ? [] : replyReceipt(task, paint, nowMs)),
    ...sayLines(task),
  ];
}

function identityLines(task: TaskView, paint: Paint): readonly string[] {
  const branch = task.repository.branch === null ? "" : ` (${plainLine(task.repository.branch)})`;
  const lines = [
    paint("bold", plainLine(task.title)),
    `  id        ${task.taskId}`,
    `  on        ${plainLine(task.repository.url)}${branch}`,
    `  by        ${plainLine(task.agentId)}${task.nodeId === null ? "" : ` on ${task.nodeId}`}`,
    `  branch    ${plainLine(task.branch)}`,
    `  policy    ${task.permissionPolicy}, in ${task.mode} mode`,
    `  since     ${dateAndTime(task.createdAt)}`,
  ];
  if (task.continues !== null) lines.push(`  continues ${task.continues}`);
  if (task.broughtBack !== null) lines.push(`  begun     with the saved work of ${task.broughtBack.taskId}`);
  if (task.continuedBy !== null) lines.push(`  goes on   as ${task.continuedBy}`);
  if (task.usage !== null) lines.push(`  usage     ${usageText(task.usage)} (${usageScope(task.usage, "task")})`);
  return lines;
}

function progressLines(task: TaskView, paint: Paint, nowMs: number): readonly string[] {
  const { clocks, modelTrouble } = task;
  const waits = task.waitsFor === null ? "" : `; it waits for ${task.waitsFor}`;
  const progress = clocks.lastProgressAt === null ? "none yet in this step" : ago(clocks.lastProgressAt, nowMs);
  const lines = [
    `${paint("blue", "●")} ${task.step} for ${duration(nowMs - clocks.inStateSince)}${waits}`,
    `  progress  ${progress}${task.progress === null ? "" : `: ${progressText(task.progress)}`}`,
    `  contact   ${clocks.lastContactAt === null ? "none yet" : ago(clocks.lastContactAt, nowMs)}`,
  ];
  if (task.stalledSince !== null) lines.push(`${paint("amber", "▲")} stalled since ${dateAndTime(task.stalledSince)}`);
  if (modelTrouble !== null) lines.push(`${paint("amber", "▲")} ${modelTroubleText(modelTrouble, nowMs)}`);
  if (task.queuePlace !== null) lines.push(`  queue     place ${task.queuePlace}`);
  if (task.deadlineAt !== null) {
    const what = task.onDeadline === null ? "" : `: then it ${task.onDeadline}`;
    lines.push(`  limit     in ${duration(task.deadlineAt - nowMs)}${what}`);
  }
  return lines;
}

function modelTroubleText({ since, giveUpAt, failure }: NonNullable<TaskView["modelTrouble"]>, nowMs: number): string {
  const then = giveUpAt === null ? "" : `; the turn is given up in ${duration(giveUpAt - nowMs)}`;
  return `the model has answered no call for ${duration(nowMs - since)}: ${modelFailureText(failure)}${then}`;
}

function wantedLines(task: TaskView, paint: Paint): readonly string[] {
  const wanted = wantedOf(task);
  if (wanted === null) return [];
  if (wanted.kind === "words") return [`${paint("amber", "?")} ${howTo(wanted, task.taskId)}`];
  const [title = "", ...others] = questionLines(wanted.permission);
  return [
    `${paint("amber", "?")} ${title}`,
    ...others,
    ...furtherLines(task.furtherPermissions),
    `  ${howTo(wanted, task.taskId)}`,
  ];
}

/** How far the last thing that was answered or said has come. */
function replyReceipt(task: TaskView, paint: Paint, nowMs: number): readonly string[] {
  const reply = task.replies.at(-1);
  if (reply === undefined) return [];
  const what = reply.requestId === null ? "what you said last" : "your last answer";
  const lacking = lackingText(reply, task, nowMs);
  const lines = [...replyLines(reply, paint), ...(lacking === null ? [] : [`${paint("grey", "○")} ${lacking}`])];
  return [`  ${what}:`, ...lines.map((line) => `    ${line}`)];
}

const sayMeanings: Readonly<Record<NonNullable<TaskView["canSay"]>, string>> = {
  next_turn: "begins its next turn",
  waits_for_the_turn: "is told at the end of the turn that runs; with --interrupt, at once",
  continues: "continues it, as a new task on the same branch",
};

function sayLines({ taskId, canSay, waitingTexts }: TaskView): readonly string[] {
  const waiting = waitingTexts.map((text) => `  waiting   ${cut(plainLine(text), waitingTextWidth)}`);
  if (canSay === null) return waiting;
  return [...waiting, `  say more  sam say ${taskId} "…" ${sayMeanings[canSay]}`];
}
