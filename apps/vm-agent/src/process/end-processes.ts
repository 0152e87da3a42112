/**
 * Ending the processes of tasks: SIGTERM, a grace, then SIGKILL until the process table shows none. The signals go to
 * each process, since agents put their tools into process groups and sessions of their own; to children before their
 * parents, since one that first sees its input end may take that for a reason to linger (Codex's server does, for 2 s).
 */
import { setTimeout as sleep } from "node:timers/promises";

import type { TaskId } from "@sam/domain/ids";

import { errnoOf } from "../errno.ts";
import { readProcess, readProcessTable, type ProcessEntry } from "./process-table.ts";
import { findMarked } from "./task-mark.ts";

export interface EndOptions {
  /** How long processes have to end by themselves after SIGTERM. */
  readonly graceMs: number;
  /** After this much time with SIGKILL it is given up: a process in an uninterruptible call cannot be killed. */
  readonly giveUpMs: number;
  /** Which of the task's processes; all of them where it is left out. */
  readonly only?: (entry: ProcessEntry) => boolean;
  /** Told once, with the processes that were sent SIGTERM. */
  readonly onSignalled?: (pids: readonly number[]) => Promise<void>;
}

/** How long children have to end before their parents are told to. */
const childrenFirstMs = 1_000;

/** How long a kill may take before the table is looked at again. */
const killRoundMs = 200;

export const defaultEnd: EndOptions = { graceMs: 2_000, giveUpMs: 20_000 };

/** What was looked at when nothing was found any more. */
export interface GoneProof {
  readonly lookedAt: number;
  readonly signalled: readonly number[];
  readonly killed: readonly number[];
}

export class ProcessesRemain extends Error {
  constructor(pids: readonly number[]) {
    super(`processes that do not end even by SIGKILL: ${pids.join(", ")}`);
  }
}

/** Ends the processes of the tasks. @throws ProcessesRemain */
export async function endProcesses(taskIds: readonly TaskId[], options: EndOptions): Promise<GoneProof> {
  const look = () => lookFor(taskIds, options.only ?? (() => true));
  let { found, lookedAt } = look();
  const signalled = found.map((entry) => entry.pid);
  const killed = new Set<number>();
  const startedMs = performance.now();
  await terminate(found, Math.min(childrenFirstMs, options.graceMs / 2));
  await options.onSignalled?.(signalled);
  while (found.length > 0) {
    const waitedMs = performance.now() - startedMs;
    if (waitedMs > options.graceMs + options.giveUpMs) throw new ProcessesRemain(found.map((entry) => entry.pid));
    const leftMs = options.graceMs - waitedMs;
    if (leftMs <= 0) for (const pid of kill(found, look)) killed.add(pid);
    await ended(found, leftMs > 0 ? leftMs : killRoundMs);
    ({ found, lookedAt } = look());
  }
  return { lookedAt, signalled, killed: [...killed] };
}

async function terminate(found: readonly ProcessEntry[], childrenMs: number): Promise<void> {
  const pids = new Set(found.map(({ pid }) => pid));
  const children = found.filter(({ parentPid }) => pids.has(parentPid));
  send(children, "SIGTERM");
  await ended(children, childrenMs);
  send(
    found.filter((entry) => !children.includes(entry)),
    "SIGTERM",
  );
}

/** Stopped first, so that none of them can start another between the look and the kill. */
function kill(found: readonly ProcessEntry[], look: () => Look): number[] {
  send(found, "SIGSTOP");
  const stopped = look().found;
  send(stopped, "SIGKILL");
  return stopped.map((entry) => entry.pid);
}

/** Waits until these have ended, at most so long. Cheap: only they are looked at. */
async function ended(entries: readonly ProcessEntry[], atMostMs: number): Promise<void> {
  const endMs = performance.now() + atMostMs;
  for (let pauseMs = 2; entries.some(isAlive) && performance.now() < endMs; pauseMs = Math.min(pauseMs * 2, 50)) {
    await sleep(pauseMs);
  }
}

function isAlive(entry: ProcessEntry): boolean {
  const now = readProcess(entry.pid);
  return now !== null && now.startTicks === entry.startTicks && !now.isZombie;
}

/** The proof in words, for a receipt. */
export function describeGone(proof: GoneProof): string {
  const killed = proof.killed.length === 0 ? "" : `; SIGKILL to ${listPids(proof.killed)}`;
  return `looked at ${proof.lookedAt} processes: none carries the task's mark or descends from one that does${killed}`;
}

export function listPids(pids: readonly number[]): string {
  const shown = pids.slice(0, 20).join(", ");
  return pids.length > 20 ? `${shown} and ${pids.length - 20} more` : shown;
}

interface Look {
  readonly found: ProcessEntry[];
  readonly lookedAt: number;
}

function lookFor(taskIds: readonly TaskId[], only: (entry: ProcessEntry) => boolean): Look {
  const table = readProcessTable();
  return { found: findMarked(table, taskIds).filter(only), lookedAt: table.length };
}

function send(entries: readonly ProcessEntry[], signal: NodeJS.Signals): void {
  for (const { pid } of entries) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      // It ended in between; or it is another user's, which the next look reports.
      if (errnoOf(error) !== "ESRCH" && errnoOf(error) !== "EPERM") throw error;
    }
  }
}
