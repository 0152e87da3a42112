/** `sam run`: one task from the terminal, from its submission to its proof. */
import { makeId } from "@sam/domain/ids";
import { ulid } from "ulid";

import { prepareStream } from "../client/task-stream.ts";
import type { CommandContext } from "../command-context.ts";
import { CommandError, type ExitCode, exitCodes } from "../exit-code.ts";
import type { BackgroundSystem } from "../launcher/background.ts";
import { ensureSystem } from "../launcher/ensure-system.ts";
import { printJson } from "../terminal/json-output.ts";
import { taskRequest, type TaskRequestOptions } from "./task-request.ts";
import { watchTask } from "./watch-task.ts";

export interface RunOptions extends TaskRequestOptions {
  readonly output?: boolean;
}

export async function runCommand(
  context: CommandContext,
  prompt: string | undefined,
  options: RunOptions,
): Promise<ExitCode> {
  const request = taskRequest(prompt, options);
  context.terminal.status("starting SAM on this machine");
  const ours = await ensureSystem(context.directory);
  context.terminal.status(null);
  const taskId = makeId("task", ulid());
  const gone = new AbortController();
  ours?.onEnd(() => gone.abort());
  let left = false;
  try {
    const watched = await watchTask(context, {
      taskId,
      unfolded: options.output === true,
      ownsTask: true,
      signal: gone.signal,
      begin: async (reporter) => {
        const submitted = context.api.submit(request, taskId);
        prepareStream();
        reporter.submitted(await submitted);
      },
    });
    left = watched.task === null;
    if (left && gone.signal.aborted) throw endedUnderTask(taskId);
    if (left) sayLeft(context, taskId);
    return watched.exitCode;
  } finally {
    await releaseSystem(context, ours, left);
  }
}

function endedUnderTask(taskId: string): CommandError {
  return new CommandError(
    `SAM, which ran for this task, ended. What it had done is kept, and the task goes on when SAM runs again: sam up, ` +
      `and to watch it: sam task ${taskId} --watch`,
  );
}

function sayLeft(context: CommandContext, taskId: string): void {
  if (context.json) return printJson({ type: "left_running", taskId, exitCode: exitCodes.cancelled });
  context.terminal.line(`${taskId} was left running. Watch it with: sam task ${taskId} --watch`);
}

/** What this command started it also stops, unless a task still needs it. */
async function releaseSystem(context: CommandContext, ours: BackgroundSystem | null, left: boolean): Promise<void> {
  if (ours === null) return;
  if (ours.hasEnded()) return;
  if (!left && !(await othersRun(context))) return ours.stop();
  await ours.stay();
  if (!context.json) {
    const why = left ? "SAM stays up for it" : "Other tasks are running, so SAM stays up";
    context.terminal.line(`${why}, on ${ours.report.url}. Stop it with: sam down`);
  }
}

async function othersRun(context: CommandContext): Promise<boolean> {
  try {
    let running = false;
    await context.api.eachTask(({ step }) => {
      running = step !== "completed" && step !== "failed" && step !== "cancelled";
      return !running;
    });
    return running;
  } catch {
    // It does not answer: there is nobody to keep it for.
    return false;
  }
}
