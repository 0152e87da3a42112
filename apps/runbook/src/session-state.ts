/**
 * The state of a session is what its journal's records add up to: where it works, whether it asks, and the run that a
 * "continue" would go on with. A run is one prompt's blocks, carried out in order, over as many prompts as it takes.
 */
import type { JournalRecord, Mode } from "./journal-record.ts";
import type { Block, Segment } from "./runbook.ts";

export interface Run {
  /** The first run of a session is 1. */
  readonly number: number;
  readonly prompt: string;
  readonly segments: readonly Segment[];
  readonly blocks: readonly Block[];
  /** How many blocks have completed: the first so many. They are never run again. */
  completed: number;
  /** How often each block was started, by its index. */
  readonly attempts: Map<number, number>;
  /** The block that the end of an earlier process cut off, and when it had started. */
  cutOff: { readonly index: number; readonly attempt: number; readonly startedAtMs: number } | undefined;
}

export interface Owner {
  readonly pid: number;
  readonly startTicks: string | null;
}

export interface SessionState {
  cwd: string;
  mode: Mode;
  owner: Owner | undefined;
  runs: number;
  run: Run | undefined;
}

export function emptyState(): SessionState {
  return { cwd: "", mode: "run", owner: undefined, runs: 0, run: undefined };
}

export function stateOf(records: readonly JournalRecord[]): SessionState {
  const state = emptyState();
  for (const record of records) {
    applyRecord(state, record);
  }
  return state;
}

/** Adds one record to the state. Every change of state goes through here, live as well as after a restart. */
export function applyRecord(state: SessionState, record: JournalRecord): void {
  switch (record.type) {
    case "session_created":
      state.cwd = record.cwd;
      state.mode = record.mode;
      return;
    case "session_opened":
      state.owner = { pid: record.pid, startTicks: record.startTicks };
      return;
    case "mode_set":
      state.mode = record.mode;
      return;
    case "run_started":
      state.runs += 1;
      state.run = newRun(state.runs, record.prompt, record.segments);
      return;
    case "block_started":
      state.run?.attempts.set(record.index, record.attempt);
      setCutOff(state.run, { index: record.index, attempt: record.attempt, startedAtMs: record.atMs });
      return;
    case "block_ended":
      state.run?.attempts.set(record.index, record.attempt);
      setCutOff(state.run, undefined);
      if (state.run !== undefined && record.outcome === "completed") {
        state.run.completed = record.index + 1;
      }
      return;
    case "prompted":
    case "said":
      return;
  }
}

function newRun(number: number, prompt: string, segments: readonly Segment[]): Run {
  const blocks = segments.filter((segment) => segment.kind === "block");
  return { number, prompt, segments, blocks, completed: 0, attempts: new Map(), cutOff: undefined };
}

function setCutOff(run: Run | undefined, cutOff: Run["cutOff"]): void {
  if (run !== undefined) {
    run.cutOff = cutOff;
  }
}
