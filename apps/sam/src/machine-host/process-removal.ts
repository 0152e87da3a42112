/**
 * Processes are removed if and only if the process table has shown none of them, twice in a row. Everything found is first
 * stopped, so that nothing forks away while it is being killed, and then killed.
 */
import { errnoOf } from "./errno.ts";
import { findProcesses, type ProcessEntry, type ProcessTag } from "./process-table.ts";
import { sleep } from "./signal.ts";

export interface RemovalProof {
  /** Milliseconds since 1970. */
  readonly checkedAt: number;
  readonly tookMs: number;
  /** How many processes were found and killed. */
  readonly killed: number;
  /** Pids that are still alive at the deadline; empty is the proof. */
  readonly remaining: readonly number[];
}

export interface RemovalRequest {
  readonly tag: ProcessTag;
  /** Further members, asked anew at each look, such as those of a cgroup. */
  readonly members?: () => readonly number[];
  readonly deadlineMs: number;
}

/** A process in the middle of `exec` shows an empty environment for an instant, so one empty look proves nothing. */
const emptyLooksNeeded = 2;
const lookIntervalMs = 10;
const freezeRounds = 8;

/** Kills everything that belongs, until none is left or the deadline passes. It does not throw for what remains. */
export async function removeProcesses(request: RemovalRequest): Promise<RemovalProof> {
  const startedAt = Date.now();
  const killed = new Set<string>();
  let remaining: readonly ProcessEntry[] = [];
  let emptyLooks = 0;
  for (;;) {
    remaining = look(request);
    if (remaining.length === 0) emptyLooks += 1;
    else {
      emptyLooks = 0;
      for (const entry of freeze(request, remaining)) {
        killed.add(`${entry.pid}/${entry.startTicks}`);
        signal(entry.pid, "SIGKILL");
      }
    }
    const late = Date.now() - startedAt > request.deadlineMs;
    if (emptyLooks >= emptyLooksNeeded || (late && remaining.length > 0)) break;
    await sleep(lookIntervalMs);
  }
  return {
    checkedAt: Date.now(),
    tookMs: Date.now() - startedAt,
    killed: killed.size,
    remaining: remaining.map((entry) => entry.pid),
  };
}

/** Stops what is found and looks again, until a look shows nothing new. */
function freeze(request: RemovalRequest, first: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const stopped = new Set<number>();
  let found = first;
  for (let round = 0; round < freezeRounds; round += 1) {
    const fresh = found.filter((entry) => !stopped.has(entry.pid));
    if (fresh.length === 0) break;
    for (const { pid } of fresh) {
      signal(pid, "SIGSTOP");
      stopped.add(pid);
    }
    found = look(request);
  }
  return found;
}

function look(request: RemovalRequest): readonly ProcessEntry[] {
  return findProcesses(request.tag, request.members?.() ?? []);
}

/** That the process is gone already, or has become another user's, is for the next look to say. */
function signal(pid: number, name: "SIGSTOP" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (errnoOf(error) !== "ESRCH" && errnoOf(error) !== "EPERM") throw error;
  }
}
