/**
 * Wording: every sentence that a runbook says of itself. A sentence says the fact, how long it took, and what happens
 * next.
 */
import type { BlockExit } from "./block-process.ts";
import type { Lookalike } from "./markdown-fences.ts";
import type { TreeEnd, TreeProcess } from "./process-tree.ts";
import { titleOf, type Block, type Flaw } from "./runbook.ts";

const MAX_PROSE_CHARACTERS = 2_000;
const MAX_LISTED = 5;

export const HOW_TO_WRITE_A_BLOCK =
  "Write what to run between two lines of three backticks, the first of which says sh:\n\n```sh\nnpm test\n```\n\n" +
  "Blocks marked sh, shell or bash are run one after the other; the first that fails ends the run.";

export const NO_BLOCKS = `There is nothing to run: the prompt has no sh block. ${HOW_TO_WRITE_A_BLOCK}`;

export const NOTHING_TO_CONTINUE = `There is nothing to continue: this session has not run any block. ${HOW_TO_WRITE_A_BLOCK}`;

export const ATTACHMENTS_IGNORED = "Attachments are not read: only the blocks in the text of the prompt are run.";

/** The prose of a prompt, cut to what one reads in passing. */
export function shortProse(text: string): string {
  const characters = Array.from(text.slice(0, 2 * MAX_PROSE_CHARACTERS));
  return text.length <= MAX_PROSE_CHARACTERS ? text : `${characters.slice(0, MAX_PROSE_CHARACTERS).join("")}…`;
}

export function refusal(flaw: Flaw): string {
  return `${flaw.text} Nothing was run. Correct the prompt and send it again.`;
}

export function lookalikeNote(lookalikes: readonly Lookalike[]): string {
  const why: Record<Lookalike["because"], string> = {
    html: "it is inside HTML or an HTML comment",
    indented: "it is indented by four spaces or more, which makes it text",
    backtick: "it has a backtick after the opening ones, which makes it text",
  };
  const lines = lookalikes.slice(0, MAX_LISTED).map(({ line, because }) => `line ${line} (${why[because]})`);
  const more = lookalikes.length > MAX_LISTED ? ` and ${lookalikes.length - MAX_LISTED} more` : "";
  return `Not taken as a block to run: ${lines.join(", ")}${more}.`;
}

export function resumption(
  run: { completed: number; blocks: readonly Block[] },
  cutOffAtMs: number | undefined,
  ended: number,
): string {
  const block = `block ${run.completed + 1} of ${run.blocks.length}`;
  const processes =
    ended === 0 ? "" : ` ${count(ended, "process", "processes")} that it had left running ${were(ended)} ended.`;
  const why =
    cutOffAtMs === undefined
      ? `Going on with ${block}.`
      : `Running ${block} again from its beginning: it was interrupted after it had started at ${clock(cutOffAtMs)}.${processes}`;
  return run.completed === 0 ? why : `${why} ${completedBefore(run.completed)}`;
}

export function tryAgain(run: { completed: number; blocks: readonly Block[] }): string {
  const again = `Running block ${run.completed + 1} of ${run.blocks.length} again from its beginning.`;
  return run.completed === 0 ? again : `${again} ${completedBefore(run.completed)}`;
}

export function alreadyRun(blocks: number): string {
  return `All ${count(blocks, "block")} of the last run had completed. Nothing was run again.`;
}

export function substituteShell(block: Block): string {
  return `Block ${block.index + 1} asks for bash, which this machine does not have; it runs under sh.`;
}

export function success(blocks: number, ranNow: number, durationMs: number): string {
  const all = blocks === 1 ? "1 block" : `All ${blocks} blocks`;
  const which = ranNow === blocks ? all : `The last ${ranNow === 1 ? "block" : ranNow} of ${blocks}`;
  return `${which} ran and succeeded, in ${duration(durationMs)}.`;
}

export function exitFailure(block: Block, exit: BlockExit, blocks: number): string {
  const how =
    exit.signal === null ? `failed with exit code ${exit.exitCode ?? "unknown"}` : `was ended by ${exit.signal}`;
  return `${nameOf(block, blocks)} ${how} after ${duration(exit.durationMs)}. ${rest(block, blocks)}`;
}

export function startFailure(block: Block, error: unknown, blocks: number): string {
  return `${nameOf(block, blocks)} could not be started: ${reasonOf(error)}. ${rest(block, blocks)}`;
}

export function stateFailure(block: Block, wasRun: boolean, path: string, error: unknown, blocks: number): string {
  const fact = wasRun
    ? `was run, but that could not be recorded in ${path}, so "continue" would run it again`
    : `was not run: its start could not be recorded in ${path}`;
  const left = blocks - block.index - 1;
  const next = `The records before it are kept. ${left === 0 ? "" : `${count(left, "block")} after it ${were(left)} not run. `}`;
  return `${nameOf(block, blocks)} ${fact} (${reasonOf(error)}). ${next}Make room or correct the permissions, then send "continue".`;
}

export function runUnrecorded(path: string, error: unknown): string {
  return `Nothing was run: the run could not be recorded in ${path} (${reasonOf(error)}). Make room or correct the permissions, then send the prompt again.`;
}

export function rejection(block: Block, blocks: number): string {
  return `${nameOf(block, blocks)} was not allowed to run. ${rest(block, blocks)}`;
}

export function stopped(
  outcome: "cancelled" | "interrupted" | undefined,
  block: Block | undefined,
  blocks: number,
  elapsedMs: number,
  end: TreeEnd,
): string {
  const fact = outcome === "interrupted" ? "Interrupted, because the agent was told to end," : "Cancelled";
  const where = block === undefined ? "" : ` in ${nameOf(block, blocks).replace("Block", "block")},`;
  const ended = end.ended.length === 0 ? "" : ` ${count(end.ended.length, "process", "processes")} ended.`;
  const left =
    end.survivors.length === 0
      ? " Nothing that this session started is left running."
      : ` Still running, although told to end: ${processList(end.survivors)}.`;
  return `${fact}${where} after ${duration(elapsedMs)}.${ended}${left} Send "continue" to go on.`;
}

export function leftBehind(block: Block, processes: readonly TreeProcess[]): string {
  const many = processes.length > 1;
  return `Block ${block.index + 1} left ${count(processes.length, "process", "processes")} running: ${processList(processes)}. ${many ? "They are" : "It is"} ended with the session.`;
}

export function endedWithSession(end: TreeEnd): string {
  const ended = `Ended ${count(end.ended.length, "process", "processes")} that the session had left running: ${processList(end.ended)}.`;
  return end.survivors.length === 0
    ? ended
    : `${ended} Still running, although told to end: ${processList(end.survivors)}.`;
}

export function duration(ms: number): string {
  if (ms < 60_000) {
    return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  }
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
}

/** What the system says of an error: its code and its message, without a stack. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function processList(processes: readonly TreeProcess[]): string {
  const named = processes.slice(0, MAX_LISTED).map(({ pid, command }) => `${command} (pid ${pid})`);
  return processes.length > MAX_LISTED
    ? `${named.join(", ")} and ${processes.length - MAX_LISTED} more`
    : named.join(", ");
}

function nameOf(block: Block, blocks: number): string {
  return `Block ${block.index + 1} of ${blocks} (${titleOf(block)}, line ${block.line})`;
}

function rest(block: Block, blocks: number): string {
  const left = blocks - block.index - 1;
  const fact = left === 0 ? "It was the last one." : `${count(left, "block")} after it ${were(left)} not run.`;
  return `${fact} Send "continue" to try it again${left === 0 ? "" : " and go on"}.`;
}

function completedBefore(completed: number): string {
  return `The ${completed === 1 ? "block" : `${completed} blocks`} before it completed and ${completed === 1 ? "is" : "are"} not run again.`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

function were(number: number): string {
  return number === 1 ? "was" : "were";
}

function clock(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 19)} UTC`;
}
