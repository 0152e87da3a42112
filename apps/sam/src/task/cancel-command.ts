/** `sam cancel <id>`: asks for the end of a task and shows its receipt, line by line, as each is proven. */
import { receiptWords } from "@sam/domain/receipt";
import type { TaskView } from "@sam/protocol/task-api";

import { resolveTaskId } from "../client/task-id.ts";
import { followStream } from "../client/task-stream.ts";
import type { CommandContext } from "../command-context.ts";
import { CommandError, type ExitCode, exitCodes } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";
import { plainLine } from "../terminal/plain-text.ts";
import type { Screen } from "../terminal/terminal.ts";
import { duration, timeOfDay } from "../terminal/times.ts";
import { forceCancel } from "./force-cancel.ts";
import { unprovenLines } from "./receipt-view.ts";

export interface CancelOptions {
  readonly wait: boolean;
  readonly force?: boolean;
  readonly yes?: boolean;
}

export async function cancelCommand(context: CommandContext, id: string, options: CancelOptions): Promise<ExitCode> {
  const taskId = await resolveTaskId(context.api, id);
  const accepted = await context.api.cancel(taskId);
  const asked = options.force === true ? await forceCancel(context, accepted, options.yes === true) : accepted;
  if (options.force === true && !asked.final) {
    context.terminal.line(`${taskId} is ${asked.step}: nothing was forced.`);
    return exitCodes.cancelled;
  }
  const ended = options.wait && !asked.final ? await waitForEnd(context, taskId) : asked;
  if (context.json) printJson({ type: "result", task: ended });
  if (!options.wait) {
    if (!context.json)
      context.terminal.line(`${taskId} is ${ended.step}. See its receipt with: sam task ${taskId} --watch`);
    return exitCodes.completed;
  }
  if (!context.json && asked.final) for (const entry of ended.receipt) showEntry(context.terminal, entry);
  if (!context.json) for (const line of unprovenLines(ended)) context.terminal.line(line);
  if (ended.step !== "cancelled") {
    throw new CommandError(`${taskId} ended as ${ended.step} before it could be cancelled.`);
  }
  if (!context.json) {
    context.terminal.line(`${context.terminal.paint("amber", "▲")} ${howItEnded(ended, asked)}`);
  }
  return exitCodes.completed;
}

function howItEnded(ended: TaskView, asked: TaskView): string {
  const unproven = ended.receiptLines.filter(({ state }) => state === "unproven").length;
  if (unproven > 0)
    return `Cancelled with ${unproven} of ${ended.receiptLines.length} lines unproven; SAM goes on until its machine is let go.`;
  const took = (ended.clocks.frozenAt ?? Date.now()) - (ended.receipt[0]?.at ?? asked.clocks.inStateSince);
  return `Cancelled; the receipt took ${duration(took)}.`;
}

async function waitForEnd(context: CommandContext, taskId: string): Promise<TaskView> {
  let shown = 0;
  let latest: TaskView | null = null;
  const show = (task: TaskView) => {
    for (const entry of task.receipt.slice(shown)) {
      if (context.json) printJson({ type: "receipt", entry });
      else showEntry(context.terminal, entry);
    }
    shown = Math.max(shown, task.receipt.length);
  };
  await followStream(
    context.api,
    { taskId },
    {
      onMessage: () => undefined,
      onTask: (task) => {
        latest = task;
        show(task);
        if (!task.final) context.terminal.status(`● ${task.step} since ${timeOfDay(task.clocks.inStateSince)}`);
        return !task.final;
      },
      onLost: (since) => context.terminal.status(`○ unknown since ${timeOfDay(since)}: no contact`),
    },
  );
  context.terminal.status(null);
  return latest ?? context.api.task(taskId);
}

function showEntry(screen: Pick<Screen, "line" | "paint">, entry: TaskView["receipt"][number]): void {
  const line = receiptWords[entry.line].padEnd(17);
  screen.line(`${screen.paint("grey", timeOfDay(entry.at))} ✓ ${line} ${plainLine(entry.proof)}`);
}
