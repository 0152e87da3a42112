/** `sam saved`: the work of tasks that was saved and not delivered, where each lies, and throwing one away. */
import { savedWorkListSchema, type SavedWorkView } from "@sam/protocol/saved-work-api";

import { oneTaskSchema } from "../client/api-client.ts";
import { resolveTaskId } from "../client/task-id.ts";
import type { CommandContext } from "../command-context.ts";
import { CommandError, type ExitCode, exitCodes, UsageError } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";
import { plainLine } from "../terminal/plain-text.ts";
import { isMeant } from "../terminal/yes-question.ts";
import { placeText, savedLines, savedRowLines } from "./saved-view.ts";

export interface SavedOptions {
  readonly all?: boolean;
  readonly before?: string;
  readonly discard?: boolean;
  readonly yes?: boolean;
}

const path = "/api/saved-work";

export async function savedCommand(
  context: CommandContext,
  id: string | undefined,
  options: SavedOptions,
): Promise<ExitCode> {
  if (id === undefined && options.discard === true)
    throw new UsageError("Say whose work to discard: sam saved <id> --discard");
  if (id === undefined) return listSaved(context, options);
  const taskId = await resolveTaskId(context.api, id);
  const { savedWork } = await context.api.task(taskId);
  if (savedWork === null) throw new CommandError(`${taskId} has no saved work. See all there is with: sam saved`);
  if (options.discard === true) return discard(context, taskId, savedWork, options.yes === true);
  if (context.json) printJson({ taskId, savedWork });
  else for (const line of savedLines(savedWork, taskId, Date.now())) context.terminal.line(line);
  return exitCodes.completed;
}

async function listSaved({ api, json, terminal }: CommandContext, options: SavedOptions): Promise<ExitCode> {
  const query = new URLSearchParams({ all: String(options.all ?? false) });
  if (options.before !== undefined) query.set("before", options.before);
  const list = await api.request("GET", `${path}?${query.toString()}`, savedWorkListSchema);
  if (json) {
    printJson(list);
    return exitCodes.completed;
  }
  const nowMs = Date.now();
  if (list.works.length === 0) terminal.line("No saved work: of the workspaces that were removed nothing is kept.");
  for (const row of list.works) for (const line of savedRowLines(row, terminal.paint, nowMs)) terminal.line(line);
  if (list.nextBefore !== null) terminal.line(`Older ones: sam saved --before ${list.nextBefore}`);
  if (list.unreadable.length > 0) {
    terminal.line(`${terminal.paint("red", "✗")} Could not be read: ${list.unreadable.map(plainLine).join(", ")}`);
  }
  return exitCodes.completed;
}

async function discard(
  context: CommandContext,
  taskId: string,
  work: SavedWorkView,
  isSaid: boolean,
): Promise<ExitCode> {
  const losses = [`Lost: ${plainLine(work.summary)} of ${taskId}, ${placeText(work, Date.now())}.`];
  const otherwise = "Nothing was discarded.";
  if (!isSaid && !(await isMeant(context, { losses, question: "Discard it for good?", otherwise }))) {
    context.terminal.line(otherwise);
    return exitCodes.cancelled;
  }
  const { task } = await context.api.request("DELETE", `${path}/${taskId}`, oneTaskSchema);
  if (context.json) printJson({ taskId, savedWork: task.savedWork });
  else context.terminal.line(`It is being removed. See what came of it with: sam saved ${taskId}`);
  return exitCodes.completed;
}
