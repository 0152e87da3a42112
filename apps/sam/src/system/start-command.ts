/** `sam start` (`npm start`): the system, on its first start with a first task that shows what it does. */
import { makeId, type TaskId } from "@sam/domain/ids";
import { isFinal } from "@sam/domain/task-lifecycle";
import { allVerdictsHold } from "@sam/domain/verdicts";
import type { TaskRow, TaskView } from "@sam/protocol/task-api";
import { ulid } from "ulid";

import { ApiError } from "../client/api-error.ts";
import type { CommandContext } from "../command-context.ts";
import { readRunRecord, type RunRecord } from "../data-directory/run-record.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { drawFirstTask, readFirstTask } from "../first-task/first-task.ts";
import { runFirstTask } from "../first-task/run-first-task.ts";
import { ensureSampleRepository } from "../first-task/sample-repository.ts";
import { type RunningSystem, startSystem } from "../launcher/system.ts";
import { makeSignInLink } from "../session/sign-in-link.ts";
import { taskLine } from "../task/tasks-command.ts";
import { printJson } from "../terminal/json-output.ts";
import { complain } from "../terminal/terminal.ts";
import { stopSignals } from "./stop-signals.ts";
import { forceStop, sayReady, signInText, stopInOrder } from "./up-command.ts";

export interface StartOptions {
  readonly port?: number;
  /** Run the first task and end with it. */
  readonly once?: boolean;
}

export async function startCommand(context: CommandContext, options: StartOptions): Promise<ExitCode> {
  const running = readRunRecord(context.directory);
  if (running !== null) {
    if (options.once === true) return onceOnRunningSystem(context);
    await showRunning(context, running);
    return exitCodes.completed;
  }
  const stopping = new AbortController();
  const signals = stopSignals(forceStop);
  void signals.asked.then(() => stopping.abort());
  const system = await startSystem({ directory: context.directory, port: options.port ?? null });
  try {
    sayReady(context, system);
    if (stopping.signal.aborted) return exitCodes.cancelled;
    if (options.once === true) {
      return onceExitCode(await runTask(context, await newTaskId(context), stopping.signal), stopping.signal);
    }
    await showFirstTaskOrWork(context, system, stopping.signal);
    await signals.asked;
    return exitCodes.completed;
  } finally {
    await stopInOrder(context, system);
  }
}

async function onceOnRunningSystem(context: CommandContext): Promise<ExitCode> {
  const stopping = new AbortController();
  void stopSignals(forceStop).asked.then(() => stopping.abort());
  return onceExitCode(await runTask(context, await newTaskId(context), stopping.signal), stopping.signal);
}

/** `--once` is a proof of the machine: only a task that is good in every sense will do. */
function onceExitCode(task: TaskView | null, signal: AbortSignal): ExitCode {
  if (task === null) return signal.aborted ? exitCodes.cancelled : exitCodes.failed;
  return task.step === "completed" && allVerdictsHold(task.verdicts) ? exitCodes.completed : exitCodes.failed;
}

/** The very first one is remembered, so that the next start doesn't run it again. */
async function newTaskId(context: CommandContext): Promise<TaskId> {
  const first = readFirstTask(context.directory) ?? drawFirstTask(context.directory);
  return (await isSubmitted(context, first)) ? makeId("task", ulid()) : first;
}

async function runTask(context: CommandContext, taskId: TaskId, signal: AbortSignal): Promise<TaskView | null> {
  const repository = await ensureSampleRepository(context.directory);
  if (!context.json) context.terminal.line(`\nA first task, on a sample repository in ${repository}:\n`);
  return runFirstTask(context, taskId, repository, signal);
}

async function showFirstTaskOrWork(context: CommandContext, system: RunningSystem, signal: AbortSignal): Promise<void> {
  try {
    const first = readFirstTask(context.directory) ?? drawFirstTask(context.directory);
    if (await isSubmitted(context, first)) return await showWork(context);
    const task = await runTask(context, first, signal);
    if (task === null || context.json) return;
    for (const line of nextLines(system, first)) context.terminal.line(line);
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

/** What a newcomer can do now, one step after the other. */
function nextLines({ signInUrl }: RunningSystem, firstTask: TaskId): readonly string[] {
  const toTheTask = new URL(signInUrl);
  toTheTask.searchParams.set("task", firstTask);
  return [
    "",
    "What next:",
    "  1. Look at it in your browser; this link signs you in, once (another one: npm run sam -- open):",
    `       ${toTheTask.href}`,
    "  2. Give a real agent its key, and prove that it works (npm run sam -- agents lists all of them):",
    "       npm run sam -- secrets set OPENAI_API_KEY",
    "       npm run sam -- agent check codex",
    "  3. Give it a task of your own:",
    '       npm run sam -- run --agent codex --repo <path or URL> "what to do"',
    "SAM stays up until Ctrl-C; a second npm start goes on with whatever is running.",
  ];
}

async function showRunning(context: CommandContext, running: RunRecord): Promise<void> {
  const { url: signInUrl } = await makeSignInLink(context.api);
  if (context.json) printJson({ type: "already_running", ...running, signInUrl });
  else {
    context.terminal.line(`SAM is already running on ${running.url} (process ${running.pid}).`);
    context.terminal.line(signInText(signInUrl));
  }
  await showWork(context);
}

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
