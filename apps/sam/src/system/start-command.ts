/** `sam start` (`npm start`): the system, on its first start with a first task that shows what it does. */
import { makeId, type TaskId } from "@sam/domain/ids";
import { isFinal } from "@sam/domain/task-lifecycle";
import { allVerdictsHold } from "@sam/domain/verdicts";
import type { TaskRow, TaskView } from "@sam/protocol/task-api";
import { ulid } from "ulid";

import { ApiError } from "../client/api-error.ts";
import type { CommandContext } from "../command-context.ts";
import { readRunRecord } from "../data-directory/run-record.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { drawFirstTask, readFirstTask } from "../first-task/first-task.ts";
import { runFirstTask } from "../first-task/run-first-task.ts";
import { ensureSampleRepository } from "../first-task/sample-repository.ts";
import { startSystem } from "../launcher/system.ts";
import { taskLine } from "../task/tasks-command.ts";
import { printJson } from "../terminal/json-output.ts";
import { complain } from "../terminal/terminal.ts";
import { stopSignals } from "./stop-signals.ts";
import { forceStop, readyLines, stopInOrder } from "./up-command.ts";

export interface StartOptions {
  readonly port?: number;
  /** Run the first task and end with it. */
  readonly once?: boolean;
}

export async function startCommand(context: CommandContext, options: StartOptions): Promise<ExitCode> {
  const running = readRunRecord(context.directory);
  if (running !== null) {
    if (options.once === true) return onceOnRunningSystem(context);
    if (context.json) printJson({ type: "already_running", ...running });
    else context.terminal.line(`SAM is already running on ${running.url} (process ${running.pid}).`);
    await showWork(context);
    return exitCodes.completed;
  }
  const stopping = new AbortController();
  const signals = stopSignals(forceStop);
  void signals.asked.then(() => stopping.abort());
  const system = await startSystem({ directory: context.directory, port: options.port ?? null });
  try {
    if (context.json) printJson({ type: "ready", ...system.record, startMs: system.startMs });
    else for (const line of readyLines(system)) context.terminal.line(line);
    if (stopping.signal.aborted) return exitCodes.cancelled;
    if (options.once === true) {
      return onceExitCode(await runTask(context, newTaskId(context), stopping.signal), stopping.signal);
    }
    await showFirstTaskOrWork(context, stopping.signal);
    await signals.asked;
    return exitCodes.completed;
  } finally {
    await stopInOrder(context, system);
  }
}

async function onceOnRunningSystem(context: CommandContext): Promise<ExitCode> {
  const stopping = new AbortController();
  void stopSignals(forceStop).asked.then(() => stopping.abort());
  return onceExitCode(await runTask(context, newTaskId(context), stopping.signal), stopping.signal);
}

/** `--once` is a proof of the machine: only a task that is good in every sense will do. */
function onceExitCode(task: TaskView | null, signal: AbortSignal): ExitCode {
  if (task === null) return signal.aborted ? exitCodes.cancelled : exitCodes.failed;
  return task.step === "completed" && allVerdictsHold(task.verdicts) ? exitCodes.completed : exitCodes.failed;
}

/** The very first one is remembered, so that the next start doesn't run it again. */
function newTaskId(context: CommandContext): TaskId {
  return readFirstTask(context.directory) === null ? drawFirstTask(context.directory) : makeId("task", ulid());
}

async function runTask(context: CommandContext, taskId: TaskId, signal: AbortSignal): Promise<TaskView | null> {
  const repository = await ensureSampleRepository(context.directory);
  if (!context.json) context.terminal.line(`\nA first task, on a sample repository in ${repository}:\n`);
  return runFirstTask(context, taskId, repository, signal);
}

async function showFirstTaskOrWork(context: CommandContext, signal: AbortSignal): Promise<void> {
  try {
    const known = readFirstTask(context.directory);
    if (known !== null && (await isSubmitted(context, known))) return await showWork(context);
    await runTask(context, known ?? drawFirstTask(context.directory), signal);
    if (!signal.aborted && !context.json) for (const line of nextLines) context.terminal.line(line);
  } catch (error) {
    // The system is up and stays up; only the show is over.
    complain(error instanceof Error ? error.message : String(error));
  }
}

async function isSubmitted(context: CommandContext, taskId: TaskId): Promise<boolean> {
  try {
    await context.api.task(taskId);
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}

const nextLines = [
  "",
  "What next:",
  '  npm run sam -- run --repo <path or URL> "what to do"   a task of your own',
  "  npm run sam -- tasks                                    what there is to do and what was done",
  "  npm run sam -- doctor                                   what of this machine SAM can use",
  "SAM stays up until Ctrl-C; a second npm start goes on with whatever is running.",
];

/** What goes on at present, oldest last. */
async function showWork(context: CommandContext): Promise<void> {
  const running: TaskRow[] = [];
  await context.api.eachTask((row) => {
    if (!isFinal(row.step)) running.push(row);
    return true;
  });
  const { nodes } = await context.api.nodes();
  const up = nodes.filter(({ final }) => !final).length;
  if (context.json) return printJson({ type: "work", tasks: running, nodes: up });
  const { terminal } = context;
  terminal.line(`${running.length === 0 ? "No task is running" : `Running: ${running.length}`}; nodes: ${up}.`);
  for (const row of running) terminal.line(taskLine(row, terminal, Date.now()));
}
