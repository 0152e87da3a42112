/** `sam answer <id> [option]`: shows what a task asks, or answers it. */
import { isFinal } from "@sam/domain/task-lifecycle";
import type { TaskView } from "@sam/protocol/task-api";

import { ApiError } from "../client/api-error.ts";
import { resolveTaskId } from "../client/task-id.ts";
import type { CommandContext } from "../command-context.ts";
import { CommandError, type ExitCode, exitCodes, UsageError } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";
import { plainLine } from "../terminal/plain-text.ts";
import { answerTo, awaitReceipt } from "./await-receipt.ts";
import {
  furtherLines,
  answerName,
  namedOption,
  optionLines,
  type Permission,
  questionLines,
} from "./permission-view.ts";
import { settledQuestions, settledText } from "./settled-questions.ts";

export interface AnswerOptions {
  /** Whether to wait for the receipt. */
  readonly wait: boolean;
}

export async function answerCommand(
  context: CommandContext,
  id: string,
  option: string | undefined,
  options: AnswerOptions,
): Promise<ExitCode> {
  const taskId = await resolveTaskId(context.api, id);
  const task = await context.api.task(taskId);
  if (option === undefined) return showQuestion(context, task);
  if (task.permission === null) throw new CommandError(await whyNothingIsAsked(context, task));
  return giveAnswer(context, task.permission, { taskId, option, ...options });
}

async function showQuestion(context: CommandContext, task: TaskView): Promise<ExitCode> {
  const { taskId, permission, furtherPermissions } = task;
  if (context.json) {
    const settled = await settledQuestions(context.api, taskId);
    printJson({ taskId, step: task.step, permission, furtherPermissions, settled });
  } else if (permission === null) context.terminal.line(await whyNothingIsAsked(context, task));
  else {
    const { terminal } = context;
    const [title = "", ...others] = questionLines(permission);
    terminal.line(`${terminal.paint("amber", "?")} ${title}`);
    for (const line of others) terminal.line(line);
    for (const line of furtherLines(furtherPermissions)) terminal.line(line);
    terminal.line(`Answer with: sam answer ${taskId} <number>, or none for none of them`);
  }
  return exitCodes.completed;
}

async function whyNothingIsAsked({ api }: CommandContext, { taskId, step }: TaskView): Promise<string> {
  const last = (await settledQuestions(api, taskId)).at(-1);
  const before = last === undefined ? "" : ` Its last question, ${last.title}, was answered ${settledText(last)}.`;
  const stands = isFinal(step) ? `it has ended, ${step}` : `it is in ${step}`;
  return `${taskId} asks nothing at present: ${stands}.${before}`;
}

interface Answer extends AnswerOptions {
  readonly taskId: string;
  readonly option: string;
}

async function giveAnswer(
  context: CommandContext,
  permission: Permission,
  { taskId, option, wait }: Answer,
): Promise<ExitCode> {
  const { api, terminal, json } = context;
  const { requestId } = permission;
  const optionId = chooseOption(permission, option);
  const task = await api.answer(taskId, { requestId, optionId }).catch(async (error: unknown) => {
    throw await whyNotTaken(context, taskId, requestId, error);
  });
  if (!json) terminal.line(`Answered: ${answerName(permission.options, optionId)}. ${taskId} is in ${task.step}.`);
  const replyOf = answerTo(requestId);
  const receipt = wait ? await awaitReceipt(context, task, replyOf) : (replyOf(task) ?? null);
  if (json) printJson({ task, answered: { requestId, optionId }, receipt });
  else {
    if (task.permission !== null) terminal.line(`It asks something else, too. See it with: sam answer ${taskId}`);
  }
  return exitCodes.completed;
}

/** Where somebody else was first, who that was and what they said. */
async function whyNotTaken({ api }: CommandContext, taskId: string, requestId: string, error: unknown) {
  if (!(error instanceof ApiError) || error.code !== "not_allowed_now") return error;
  const settled = (await settledQuestions(api, taskId)).find((one) => one.requestId === requestId);
  if (settled === undefined) return error;
  return new CommandError(
    `That question is answered already, ${settledText(settled)}. Nothing was changed.`,
    undefined,
    {
      cause: error,
    },
  );
}

/** Throws a UsageError, with the options, for a name that is none of theirs. */
export function chooseOption({ title, options }: Permission, text: string): string | null {
  const optionId = namedOption(options, text);
  if (optionId !== undefined) return optionId;
  throw new UsageError(
    `${JSON.stringify(text)} is not one of the options. ${plainLine(title)}\n${optionLines(options).join("\n")}\n` +
      `Give its number, its kind, or none. Nothing was answered.`,
  );
}
