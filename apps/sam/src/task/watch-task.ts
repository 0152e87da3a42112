/** Watching a task from a terminal: to its end, or until the person leaves it running. */
import type { TaskView } from "@sam/protocol/task-api";

import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { complain } from "../terminal/terminal.ts";
import { followTask } from "./follow-task.ts";
import { canAsk, watchInterrupts } from "./interrupt.ts";
import { exitCodeOf, JsonReporter, ScreenReporter, type TaskReporter } from "./task-reporter.ts";

export interface Watched {
  /** The task as it ended; null where it was left running. */
  readonly task: TaskView | null;
  readonly exitCode: ExitCode;
}

export interface WatchOptions {
  readonly taskId: string;
  readonly unfolded: boolean;
  /** Whether Ctrl-C asks what to do with the task, or merely ends the watching. */
  readonly ownsTask: boolean;
  /** Ends the watching as if the person had left. */
  readonly signal?: AbortSignal;
  /** Called first, with the reporter that the rest is told to. */
  begin(reporter: TaskReporter): Promise<void>;
}

export async function watchTask(context: CommandContext, options: WatchOptions): Promise<Watched> {
  const reporter = context.json
    ? new JsonReporter()
    : new ScreenReporter(context.terminal, { unfolded: options.unfolded });
  const left = new AbortController();
  const signal = options.signal === undefined ? left.signal : AbortSignal.any([left.signal, options.signal]);
  const cancel = () => {
    context.api.cancel(options.taskId).catch((error: unknown) => {
      complain(`The task was not cancelled: ${error instanceof Error ? error.message : String(error)}`);
    });
  };
  const interrupts = watchInterrupts(context.terminal, options.ownsTask && !context.json && canAsk(), (choice) => {
    if (choice === "leave") left.abort();
    if (choice === "cancel") cancel();
  });
  try {
    await options.begin(reporter);
    const task = await followTask(context.api, { taskId: options.taskId, signal }, reporter);
    if (task === null) return { task, exitCode: exitCodes.cancelled };
    reporter.result(task);
    return { task, exitCode: exitCodeOf(task) };
  } finally {
    interrupts.stop();
    reporter.close();
  }
}
