/** Runs the sample's task and shows it. */
import type { TaskId } from "@sam/domain/ids";
import type { TaskView } from "@sam/protocol/task-api";

import type { CommandContext } from "../command-context.ts";
import { followTask } from "../task/follow-task.ts";
import { JsonReporter, ScreenReporter } from "../task/task-reporter.ts";
import { firstTaskRequest } from "./first-task.ts";

/** @returns the task as it ended; null where the signal came first. */
export async function runFirstTask(
  context: CommandContext,
  taskId: TaskId,
  repositoryPath: string,
  signal: AbortSignal,
): Promise<TaskView | null> {
  const reporter = context.json ? new JsonReporter() : new ScreenReporter(context.terminal, { unfolded: false });
  try {
    reporter.submitted(await context.api.submit(firstTaskRequest(repositoryPath), taskId));
    const task = await followTask(context.api, { taskId, signal }, reporter);
    if (task !== null) reporter.result(task);
    return task;
  } finally {
    reporter.close();
  }
}
