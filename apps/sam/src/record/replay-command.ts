/** `sam replay <file>`: an export in the order of time, what the rules say about it, and whether it is decided so today. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { readTaskExport, UnreadableExport, type TaskExport } from "@sam/protocol/task-export";

import { checkoutRoot } from "../data-directory/checkout.ts";
import { userDirectory } from "../data-directory/data-directory.ts";
import { type ExitCode, exitCodes, UsageError } from "../exit-code.ts";
import { whyUnreadable } from "../task/prompt-text.ts";
import { cut } from "../terminal/cells.ts";
import { printJson } from "../terminal/json-output.ts";
import { plainLine } from "../terminal/plain-text.ts";
import { type Screen, Terminal } from "../terminal/terminal.ts";
import { dateAndTime, timeOfDay } from "../terminal/times.ts";
import { writeOut } from "./export-command.ts";
import { type ReplayLine, replayLines } from "./replay-lines.ts";
import { isGood, reportLines, reportOn } from "./replay-report.ts";
import { testCaseOf } from "./test-case.ts";

export interface ReplayOptions {
  readonly json?: boolean;
  readonly asTest?: boolean;
  readonly output?: string;
}

/** Where vitest finds it, beside what it is about. */
const casesDirectory = "packages/protocol/src/recorded";

/** It needs no running system. Exit code 1: a rule is broken, or something is decided otherwise today. */
export function replayCommand(path: string, options: ReplayOptions): ExitCode {
  const exported = readExport(path);
  const terminal = new Terminal();
  if (options.asTest === true) return writeTestCase(exported, options, terminal);
  const report = reportOn(exported);
  if (options.json === true) printJson({ taskId: exported.task.request.taskId, ...report });
  else {
    for (const line of headLines(exported)) terminal.line(line);
    for (const line of replayLines(exported)) for (const text of printed(line, terminal)) terminal.line(text);
    terminal.line("");
    for (const line of reportLines(report, terminal)) terminal.line(line);
  }
  return isGood(report) ? exitCodes.completed : exitCodes.failed;
}

function readExport(path: string): TaskExport {
  try {
    return readTaskExport(readFileSync(resolve(userDirectory(), path), "utf8"));
  } catch (error) {
    const why = error instanceof UnreadableExport ? error.message : whyUnreadable(error);
    throw new UsageError(`${path} cannot be replayed:\n  ${plainLines(why)}`, { cause: error });
  }
}

function plainLines(text: string): string {
  return text.split("\n").map(plainLine).join("\n  ");
}

function writeTestCase(exported: TaskExport, { output, json }: ReplayOptions, terminal: Terminal): ExitCode {
  const { taskId } = exported.task.request;
  const name = taskId.toLowerCase().replace("_", "-");
  const path =
    output === undefined ? join(checkoutRoot(), casesDirectory, `${name}.test.ts`) : resolve(userDirectory(), output);
  writeOut(path, testCaseOf(exported), { mode: 0o644, makesDirectory: output === undefined });
  if (json === true) printJson({ taskId, path });
  else if (output === undefined) terminal.line(`${path}\nRun it with: npm test -- ${name}`);
  else terminal.line(`${path}\nIt runs where vitest finds it: below packages/protocol/src of a checkout.`);
  return exitCodes.completed;
}

function headLines({ task, exportedAt, samVersion, nodes }: TaskExport): readonly string[] {
  const { taskId, prompt, repository, agentId } = task.request;
  const { dropped, beginsLate } = task.record;
  const lines = [
    `${taskId}: ${cut(plainLine(prompt), 72)}`,
    `${agentId} in ${plainLine(repository.url)}, on ${nodes.map(({ nodeId }) => nodeId).join(", ") || "no node"}`,
    `Exported ${dateAndTime(exportedAt)} by SAM ${plainLine(samVersion)}. Times are of this machine's zone.`,
  ];
  if (dropped > 0) lines.push(`The oldest ${dropped} entries of its record are gone: a record is bounded.`);
  if (beginsLate)
    lines.push("It began before SAM kept records: what happened until then is told by its messages alone.");
  return [...lines, ""];
}

const whoWidth = 9;

function printed({ at, who, text, colour, below }: ReplayLine, screen: Screen): readonly string[] {
  const indent = " ".repeat(timeOfDay(at).length + 2 + whoWidth);
  const room = Math.max(20, Math.min(screen.width(), 400) - indent.length);
  const own = cut(plainLine(text), room);
  const head = `${screen.paint("grey", timeOfDay(at))}  ${who.padEnd(whoWidth)}`;
  const said = `${head}${colour === null ? own : screen.paint(colour, own)}`;
  return below === null ? [said] : [said, `${indent}${screen.paint("grey", cut(plainLine(below), room))}`];
}
