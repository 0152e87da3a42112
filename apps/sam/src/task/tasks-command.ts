/** `sam tasks`: the newest tasks, a line each. */
import { isFinal } from "@sam/domain/task-lifecycle";
import type { TaskRow } from "@sam/protocol/task-api";

import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { cut } from "../terminal/cells.ts";
import { printJson } from "../terminal/json-output.ts";
import { plainLine } from "../terminal/plain-text.ts";
import type { Colour } from "../terminal/style.ts";
import type { Screen } from "../terminal/terminal.ts";
import { ago } from "../terminal/times.ts";

export interface TasksOptions {
  readonly limit: number;
  readonly before?: string;
  readonly step?: string;
}

export async function tasksCommand(context: CommandContext, options: TasksOptions): Promise<ExitCode> {
  const list = await context.api.tasks(options);
  if (context.json) {
    printJson(list);
    return exitCodes.completed;
  }
  const nowMs = Date.now();
  if (list.tasks.length === 0) context.terminal.line(noneText(options));
  for (const row of list.tasks) context.terminal.line(taskLine(row, context.terminal, nowMs));
  if (list.nextBefore !== null) context.terminal.line(`Older ones: sam tasks --before ${list.nextBefore}`);
  if (list.unreadable.length > 0) {
    context.terminal.line(
      `${context.terminal.paint("red", "✗")} Rows that could not be read: ${list.unreadable.map(plainLine).join(", ")}`,
    );
  }
  return exitCodes.completed;
}

function noneText({ before, step }: TasksOptions): string {
  if (before !== undefined) return "No task is older than that. See the newest with: sam tasks";
  if (step !== undefined) return `No task is in step ${step}. See all with: sam tasks`;
  return 'No task yet. Give one with: sam run --repo <path or URL> "what to do"';
}

const signs: Readonly<Record<"green" | "amber" | "red", string>> = { green: "✓", amber: "▲", red: "✗" };
const narrow = 100;
const shortIdLength = 8;

/** One task: its sign, its id, its step and since when, its title. In a narrow terminal the end of the id will do. */
export function taskLine(row: TaskRow, screen: Pick<Screen, "paint" | "width">, nowMs: number): string {
  const width = Math.min(screen.width(), 160);
  const { sign, colour } = signOf(row);
  const id = width < narrow ? row.taskId.slice(-shortIdLength) : row.taskId;
  const step = row.failureReason ?? row.step;
  const fixed = `${sign} ${id}  ${cut(step, 22).padEnd(22)} ${ago(row.updatedAt, nowMs).padEnd(15)} `;
  const title = cut(plainLine(row.title), Math.max(8, width - fixed.length - 1));
  return `${screen.paint(colour, sign)}${fixed.slice(sign.length)}${title}`;
}

function signOf(row: TaskRow): { sign: string; colour: Colour } {
  if (row.colour !== null) return { sign: signs[row.colour], colour: row.colour };
  if (row.step === "awaiting_input") return { sign: "?", colour: "amber" };
  return isFinal(row.step) ? { sign: "▲", colour: "amber" } : { sign: "●", colour: "blue" };
}
