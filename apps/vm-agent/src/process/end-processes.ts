/**
 * Ending the processes of tasks: SIGTERM, a grace, then SIGKILL until the process table shows none. The signals go to
 * each process, since agents put their tools into process groups and sessions of their own.
 */
import { setTimeout as sleep } from "node:timers/promises";

import type { TaskId } from "@sam/domain/ids";

import { errnoOf } from "../errno.ts";
import { readProcessTable, type ProcessEntry } from "./process-table.ts";
import { findMarked } from "./task-mark.ts";

export interface EndOptions {
  /** How long processes have to end by themselves after SIGTERM. */
  readonly graceMs: number;
  /** After this much time with SIGKILL it is given up: a process in an uninterruptible call cannot be killed. */
  readonly giveUpMs: number;
  /** Told once, with the processes that were sent SIGTERM. */
  readonly onSignalled?: (pids: readonly number[]) => Promise<void>;
}

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

/** Ends every process of the tasks. @throws ProcessesRemain */
export async function endProcesses(taskIds: readonly TaskId[], options: EndOptions): Promise<GoneProof> {
  const first = look(taskIds);
  const signalled = first.found.map((entry) => entry.pid);
  send(first.found, "SIGTERM");
  await options.onSignalled?.(signalled);
  if (first.found.length === 0) return { lookedAt: first.lookedAt, signalled, killed: [] };
  const killed = new Set<number>();
  const startedMs = performance.now();
  for (let pauseMs = 4; ; pauseMs = Math.min(pauseMs * 2, 100)) {
    const { found, lookedAt } = look(taskIds);
    if (found.length === 0) return { lookedAt, signalled, killed: [...killed] };
    const waitedMs = performance.now() - startedMs;
    if (waitedMs > options.graceMs + options.giveUpMs) throw new ProcessesRemain(found.map((entry) => entry.pid));
    if (waitedMs >= options.graceMs) {
      // Stopped first, so that none of them can start another between the look and the kill.
      send(found, "SIGSTOP");
      const { found: stopped } = look(taskIds);
      send(stopped, "SIGKILL");
      for (const entry of stopped) killed.add(entry.pid);
    }
    await sleep(pauseMs);
  }
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

function look(taskIds: readonly TaskId[]): { found: ProcessEntry[]; lookedAt: number } {
  const table = readProcessTable();
  return { found: findMarked(table, taskIds), lookedAt: table.length };
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
