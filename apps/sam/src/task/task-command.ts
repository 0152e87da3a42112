/** `sam task <id>`: what is known of one task, with `--watch` its conversation as it happens, with `--diff` its work. */
import type { WorkDiff } from "@sam/domain/diff";

import { resolveTaskId } from "../client/task-id.ts";
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes, UsageError } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";
import { diffLines } from "./diff-view.ts";
import { receiptLinesText } from "./receipt-view.ts";
import { eachMessage } from "./settled-questions.ts";
import { taskLines } from "./task-facts-view.ts";
import { exitCodeOf } from "./task-reporter.ts";
import { timelineLines } from "./timeline-view.ts";
import { resultLines } from "./verdict-view.ts";
import { watchTask } from "./watch-task.ts";

export interface TaskOptions {
  readonly watch?: boolean;
  readonly output?: boolean;
  readonly diff?: boolean;
}

/** The exit code of an ended task is its own; of one that goes on it is 0. */
export async function taskCommand(context: CommandContext, id: string, options: TaskOptions): Promise<ExitCode> {
  if (options.diff === true && options.watch === true) {
    throw new UsageError("Either --diff or --watch: the one shows the work, the other what goes on.");
  }
  const taskId = await resolveTaskId(context.api, id);
  if (options.diff === true) return diffCommand(context, taskId);
  if (options.watch === true) return watchCommand(context, taskId, options);
  const [task, transitions] = await Promise.all([context.api.task(taskId), context.api.transitions(taskId)]);
  if (context.json) printJson({ task, transitions });
  else {
    const nowMs = Date.now();
    const { paint } = context.terminal;
    for (const line of taskLines(task, paint, nowMs)) context.terminal.line(line);
    context.terminal.line("");
    for (const line of timelineLines(transitions, task, context.terminal, nowMs)) context.terminal.line(line);
    for (const line of receiptLinesText(task, paint)) context.terminal.line(line);
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

/** The newest diff that the node reported. */
async function diffCommand(context: CommandContext, taskId: string): Promise<ExitCode> {
  let newest: { readonly at: number; readonly diff: WorkDiff } | null = null;
  for await (const { at, body } of eachMessage(context.api, taskId)) {
    if (body.kind === "diff") newest = { at, diff: body.diff };
  }
  const { terminal } = context;
  if (context.json) printJson({ taskId, at: newest?.at ?? null, diff: newest?.diff ?? null });
  else if (newest === null) {
    const { final } = await context.api.task(taskId);
    const later = "is known yet: its node reports one at the end of each turn";
    terminal.line(`No diff of ${taskId} ${final ? "was reported; its verdicts say what it produced" : later}.`);
  } else if (newest.diff.files.length === 0) terminal.line(`${taskId} has changed nothing.`);
  else for (const line of diffLines(newest.diff, terminal.paint)) terminal.line(line);
  return exitCodes.completed;
}
