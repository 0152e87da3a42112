/** `sam answer <id> <option>`: answers what a task asks. */
import type { TaskView } from "@sam/protocol/task-api";

import { resolveTaskId } from "../client/task-id.ts";
import type { CommandContext } from "../command-context.ts";
import { CommandError, type ExitCode, exitCodes, UsageError } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";
import { plainLine } from "../terminal/plain-text.ts";
import { optionLines } from "./conversation-view.ts";

type Permission = NonNullable<TaskView["permission"]>;

export async function answerCommand(context: CommandContext, id: string, option: string): Promise<ExitCode> {
  const taskId = await resolveTaskId(context.api, id);
  const { permission, step } = await context.api.task(taskId);
  if (permission === null) throw new CommandError(`${taskId} asks nothing at present: it is in ${step}.`);
  const optionId = chooseOption(permission, option);
  const task = await context.api.answer(taskId, { requestId: permission.requestId, optionId });
  if (context.json) printJson({ task });
  else {
    const chosen = permission.options.find((one) => one.optionId === optionId);
    context.terminal.line(
      `Answered ${chosen === undefined ? "with none of the options" : plainLine(chosen.name)}. ${taskId} is in ${task.step}.`,
    );
  }
  return exitCodes.completed;
}

/** An option is named by its number, its id or its kind; `none` refuses them all. Throws a UsageError for another. */
export function chooseOption({ title, options }: Permission, text: string): string | null {
  if (text === "none") return null;
  const byNumber = /^\d+$/.test(text) ? options[Number(text) - 1] : undefined;
  const byId = options.find(({ optionId }) => optionId === text);
  const ofKind = options.filter(({ kind }) => kind === text);
  const chosen = byId ?? byNumber ?? (ofKind.length === 1 ? ofKind[0] : undefined);
  if (chosen !== undefined) return chosen.optionId;
  throw new UsageError(
    `${JSON.stringify(text)} is not one of the options. ${plainLine(title)}\n${optionLines(options)}\n` +
      `Give its number, its kind, or none. Nothing was answered.`,
  );
}
