/** `sam say <id> "text"`: the next turn of a task, what it is told after this one, or a task that continues it. */
import { makeId, type TaskId } from "@sam/domain/ids";
import { followUpSchema, type TaskView } from "@sam/protocol/task-api";
import { ulid } from "ulid";

import { checkedInput } from "../checked-input.ts";
import type { FollowUp } from "../client/api-client.ts";
import { Unreachable } from "../client/api-error.ts";
import { resolveTaskId } from "../client/task-id.ts";
import type { CommandContext } from "../command-context.ts";
import { CommandError, type ExitCode, exitCodes } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";
import { plainLine } from "../terminal/plain-text.ts";
import { awaitReceipt, wordsSince } from "./await-receipt.ts";
import { readPrompt } from "./prompt-text.ts";
import { watchTask } from "./watch-task.ts";

export interface SayOptions {
  readonly file?: string;
  /** Cancel the turn that runs, and tell it then. */
  readonly interrupt?: boolean;
  readonly watch?: boolean;
  /** Whether to wait for the receipt, where it is told at once. */
  readonly wait?: boolean;
  readonly output?: boolean;
}

const nothing = "Nothing was said.";
const missing = 'Say something: sam say <id> "text", or --file text.md.';

export async function sayCommand(
  context: CommandContext,
  id: string,
  text: string | undefined,
  options: SayOptions,
): Promise<ExitCode> {
  const input = {
    prompt: readPrompt({ text, file: options.file }, { missing, nothing }),
    interrupt: options.interrupt === true,
    taskId: makeId("task", ulid()),
  };
  const followUp = checkedInput(followUpSchema, input, { flags: { prompt: "the text" }, nothing });
  const { api, json, terminal } = context;
  const taskId = await resolveTaskId(api, id);
  // What is shown from here on begins after what was there.
  const { lastSeq } = await api.messages(taskId, 0);
  const task = await tell(context, taskId, followUp);
  const continued = task.taskId !== taskId;
  if (options.watch === true) {
    if (!json) terminal.line(saidText(taskId, task, followUp));
    return watch(context, task, { after: continued ? 0 : lastSeq, unfolded: options.output === true });
  }
  if (!json) terminal.line(saidText(taskId, task, followUp));
  const replyOf = wordsSince(task.replies.at(-1)?.acceptedAt ?? 0);
  const isTold = !continued && task.waitingTexts.length === 0 && followUp.interrupt !== true;
  const receipt =
    isTold && options.wait !== false ? await awaitReceipt(context, task, replyOf) : (replyOf(task) ?? null);
  if (json) printJson({ task, continues: continued ? taskId : null, receipt });
  else {
    terminal.line(`Watch it with: sam task ${task.taskId} --watch`);
  }
  return exitCodes.completed;
}

async function tell({ api }: CommandContext, taskId: string, followUp: FollowUp): Promise<TaskView> {
  try {
    return await api.say(taskId, followUp);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    throw new CommandError(
      `${error.message}\nWhether the task was told is not known. Look before you say it again: sam task ${taskId} --watch`,
      undefined,
      { cause: error },
    );
  }
}

/** What was made of it, by the task that the API answered with. */
export function saidText(saidTo: string, task: TaskView, followUp: FollowUp): string {
  const { taskId, branch, step, waitingTexts } = task;
  if (taskId !== saidTo) return `${taskId} continues ${saidTo} on its branch ${plainLine(branch)}.`;
  if (followUp.interrupt === true) return `The turn is cancelled first; then ${taskId} is told.`;
  if (waitingTexts.length === 0) return `Told. ${taskId} is in ${step}.`;
  const others = waitingTexts.length - 1;
  const before = others === 0 ? "" : `, after ${others} more ${others === 1 ? "text" : "texts"}`;
  return `Kept: ${taskId} is told at the end of the turn that runs${before}. Now: sam say --interrupt`;
}

async function watch(
  context: CommandContext,
  { taskId }: { taskId: TaskId },
  { after, unfolded }: { after: number; unfolded: boolean },
): Promise<ExitCode> {
  const { task, exitCode } = await watchTask(context, {
    taskId,
    unfolded,
    after,
    ownsTask: false,
    begin: async (reporter) => reporter.submitted(await context.api.task(taskId)),
  });
  if (task === null && !context.json) context.terminal.line(`${taskId} goes on.`);
  return exitCode;
}
