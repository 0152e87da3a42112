/** Watching a task from a terminal: to its end, or until the person leaves it running. */
import type { TaskView } from "@sam/protocol/task-api";

import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { canAsk } from "../terminal/question.ts";
import { complain } from "../terminal/terminal.ts";
import { followTask } from "./follow-task.ts";
import { type Interrupts, watchInterrupts } from "./interrupt.ts";
import { Prompter } from "./prompter.ts";
import { exitCodeOf, JsonReporter, ScreenReporter, type TaskReporter } from "./task-reporter.ts";
import { howTo, wantedOf } from "./wanted.ts";

export interface Watched {
  /** The task as it ended; null where it was left running. */
  readonly task: TaskView | null;
  readonly exitCode: ExitCode;
}

export interface WatchOptions {
  readonly taskId: string;
  readonly unfolded: boolean;
  /** The last message that is not shown; default: all are. */
  readonly after?: number;
  /** Whether Ctrl-C asks what to do with the task, or merely ends the watching. */
  readonly ownsTask: boolean;
  /** Ends the watching as if the person had left. */
  readonly signal?: AbortSignal;
  /** Called first, with the reporter that the rest is told to. */
  begin(reporter: TaskReporter): Promise<void>;
}

/** Whoever sees to what the task wants of its person, in words or with a keyboard. */
interface Attendant {
  update(task: TaskView): void;
  pause(): void;
  resume(): void;
}

export async function watchTask(context: CommandContext, options: WatchOptions): Promise<Watched> {
  const { taskId } = options;
  const reporter = context.json
    ? new JsonReporter()
    : new ScreenReporter(context.terminal, { unfolded: options.unfolded });
  const left = new AbortController();
  const signal = options.signal === undefined ? left.signal : AbortSignal.any([left.signal, options.signal]);
  const leave = () => left.abort();
  const attendant = attendantOf(context, taskId, leave);
  const interrupts = interruptsOf(context, options, attendant, leave);
  try {
    await options.begin(reporter);
    const onTask = (task: TaskView) => attendant.update(task);
    const task = await followTask(context.api, { taskId, signal, onTask, after: options.after ?? 0 }, reporter);
    if (task === null) return { task, exitCode: exitCodes.cancelled };
    reporter.result(task);
    return { task, exitCode: exitCodeOf(task) };
  } finally {
    interrupts.stop();
    attendant.pause();
    reporter.close();
  }
}

function attendantOf(context: CommandContext, taskId: string, leave: () => void): Attendant {
  // Where the question itself goes elsewhere, nobody is asked about it.
  if (!context.json && context.terminal.interactive && canAsk()) return new Prompter(context, { taskId, leave });
  let shownKey: string | null = null;
  const update = (task: TaskView) => {
    const wanted = wantedOf(task);
    if (context.json || wanted === null || wanted.key === shownKey) return;
    shownKey = wanted.key;
    context.terminal.line(howTo(wanted, taskId));
  };
  return { update, pause: () => undefined, resume: () => undefined };
}

function interruptsOf(
  context: CommandContext,
  options: WatchOptions,
  attendant: Attendant,
  leave: () => void,
): Interrupts {
  const cancel = () => {
    context.api.cancel(options.taskId).catch((error: unknown) => {
      complain(`The task was not cancelled: ${error instanceof Error ? error.message : String(error)}`);
    });
  };
  return watchInterrupts(context.terminal, options.ownsTask && !context.json && canAsk(), {
    onQuestion: () => attendant.pause(),
    onChoice: (choice) => {
      if (choice === "leave") leave();
      else if (choice === "cancel") cancel();
      else attendant.resume();
    },
  });
}
