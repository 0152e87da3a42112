/** `sam task <id>`: what is known of one task, or with `--watch` its conversation as it happens. */
import type { TaskView } from "@sam/protocol/task-api";

import { resolveTaskId } from "../client/task-id.ts";
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";
import { plainLine } from "../terminal/plain-text.ts";
import type { Paint } from "../terminal/style.ts";
import { ago, dateAndTime, duration } from "../terminal/times.ts";
import { optionLines } from "./conversation-view.ts";
import { exitCodeOf } from "./task-reporter.ts";
import { timelineLines } from "./timeline-view.ts";
import { resultLines } from "./verdict-view.ts";
import { watchTask } from "./watch-task.ts";

export interface TaskOptions {
  readonly watch?: boolean;
  readonly output?: boolean;
}

/** The exit code of an ended task is its own; of one that goes on it is 0. */
export async function taskCommand(context: CommandContext, id: string, options: TaskOptions): Promise<ExitCode> {
  const taskId = await resolveTaskId(context.api, id);
  if (options.watch === true) return watchCommand(context, taskId, options);
  const [task, transitions] = await Promise.all([context.api.task(taskId), context.api.transitions(taskId)]);
  if (context.json) printJson({ task, transitions });
  else {
    const nowMs = Date.now();
    const { paint } = context.terminal;
    for (const line of taskLines(task, paint, nowMs)) context.terminal.line(line);
    context.terminal.line("");
    for (const line of timelineLines(transitions, task, context.terminal, nowMs)) context.terminal.line(line);
    if (!task.final) context.terminal.line(`\nWatch it with: sam task ${task.taskId} --watch`);
    else context.terminal.line("");
    if (task.final) for (const line of resultLines(task, paint)) context.terminal.line(line);
  }
  return task.final ? exitCodeOf(task) : exitCodes.completed;
}

async function watchCommand(context: CommandContext, taskId: string, options: TaskOptions): Promise<ExitCode> {
  const watched = await watchTask(context, {
    taskId,
    unfolded: options.output === true,
    ownsTask: false,
    begin: async (reporter) => reporter.submitted(await context.api.task(taskId)),
  });
  if (watched.task === null && !context.json) context.terminal.line(`${taskId} goes on.`);
  return watched.exitCode;
}

/** The facts of a task: what it is, where it stands and since when, and what happens next. */
export function taskLines(task: TaskView, paint: Paint, nowMs: number): readonly string[] {
  const { clocks } = task;
  const branch = task.repository.branch === null ? "" : ` (${plainLine(task.repository.branch)})`;
  const lines = [
    paint("bold", plainLine(task.title)),
    `  id        ${task.taskId}`,
    `  on        ${plainLine(task.repository.url)}${branch}`,
    `  by        ${plainLine(task.agentId)}${task.nodeId === null ? "" : ` on ${task.nodeId}`}`,
    `  branch    ${plainLine(task.branch)}`,
    `  since     ${dateAndTime(task.createdAt)}`,
  ];
  if (task.final) return lines;
  const age = duration(nowMs - clocks.inStateSince);
  lines.push(
    `${paint("blue", "●")} ${task.step} for ${age}${task.waitsFor === null ? "" : `; it waits for ${task.waitsFor}`}`,
  );
  lines.push(
    `  progress  ${clocks.lastProgressAt === null ? "none yet in this step" : ago(clocks.lastProgressAt, nowMs)}`,
  );
  lines.push(`  contact   ${clocks.lastContactAt === null ? "none yet" : ago(clocks.lastContactAt, nowMs)}`);
  if (task.stalledSince !== null) lines.push(`${paint("amber", "▲")} stalled since ${dateAndTime(task.stalledSince)}`);
  if (task.queuePlace !== null) lines.push(`  queue     place ${task.queuePlace}`);
  if (task.deadlineAt !== null) {
    const what = task.onDeadline === null ? "" : `: then it ${task.onDeadline}`;
    lines.push(`  limit     in ${duration(task.deadlineAt - nowMs)}${what}`);
  }
  if (task.permission !== null) {
    lines.push(`${paint("amber", "?")} ${plainLine(task.permission.title)}`);
    lines.push(
      ...optionLines(task.permission.options)
        .split("\n")
        .map((line) => `  ${line}`),
    );
    lines.push(`  Answer with: sam answer ${task.taskId} <number>`);
  }
  return lines;
}
