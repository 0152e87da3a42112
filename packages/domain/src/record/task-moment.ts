/** A task's moment is what its status is made of at one time: its step, its three clocks, its deadlines. */
import type { Clocks } from "../clocks.ts";
import type { NodeId } from "../ids.ts";
import type { TaskEvent } from "../task-event.ts";
import type { TaskFacts } from "../task-facts.ts";
import type { TaskStep } from "../task-lifecycle.ts";
import type { EndedVerdict } from "../verdicts.ts";
import type { Quiet, RecordEntry } from "./record-entry.ts";

export interface TaskMoment {
  readonly step: TaskStep;
  readonly version: number;
  readonly clocks: Clocks;
  readonly deadlineAt: number | null;
  readonly progressDeadlineAt: number | null;
  readonly stallFlagAt: number | null;
  readonly stalledSince: number | null;
  readonly pollAt: number | null;
  readonly retryAt: number | null;
  readonly attempt: number;
  readonly queuePlace: number | null;
  readonly progressMark: string | null;
  readonly nodeId: NodeId | null;
  readonly nodeMark: string | null;
  readonly nodeEventSeq: number;
  readonly effectCount: number;
  readonly outagesSeenUntil: number;
  readonly selecting: boolean;
  readonly savedRef: string | null;
  readonly modelTroubleSince: number | null;
  readonly ended: EndedVerdict | null;
  readonly agent: { readonly incarnation: number; readonly state: string; readonly restarts: number } | null;
  readonly turn: {
    readonly number: number;
    readonly running: boolean;
    readonly given: boolean;
    readonly heard: boolean;
  } | null;
}

export function taskMomentOf(facts: TaskFacts): TaskMoment {
  const { agent, turn } = facts;
  return {
    step: facts.step,
    version: facts.version,
    clocks: facts.clocks,
    deadlineAt: facts.deadlineAt,
    progressDeadlineAt: facts.progressDeadlineAt,
    stallFlagAt: facts.stallFlagAt,
    stalledSince: facts.stalledSince,
    pollAt: facts.pollAt,
    retryAt: facts.retryAt,
    attempt: facts.attempt,
    queuePlace: facts.queuePlace,
    progressMark: facts.progressMark,
    nodeId: facts.nodeId,
    nodeMark: facts.nodeMark,
    nodeEventSeq: facts.nodeEventSeq,
    effectCount: facts.effectCount,
    outagesSeenUntil: facts.outagesSeenUntil,
    selecting: facts.selecting,
    savedRef: facts.savedRef,
    modelTroubleSince: facts.modelTrouble?.since ?? null,
    ended: facts.verdicts.ended,
    agent: agent === null ? null : { incarnation: agent.incarnation, state: agent.state, restarts: agent.restarts },
    turn: turn === null ? null : { number: turn.number, running: turn.running, given: turn.given, heard: turn.heard },
  };
}

/** What the events of a lull may move: the clocks of contact and of progress, and the limit that goes with the latter. */
function atRest({ clocks, ...moment }: TaskMoment) {
  return {
    ...moment,
    clocks: { ...clocks, lastContactAt: null, lastProgressAt: null },
    progressDeadlineAt: null,
    stallFlagAt: null,
    nodeEventSeq: 0,
  };
}

/**
 * @returns what a lull has to know of an event that asked for nothing, said nothing of SAM's own and moved nothing but a
 * clock; null where it deserves an entry of its own.
 */
export function quietTaskEvent(event: TaskEvent, before: TaskMoment, after: TaskMoment): Quiet | null {
  if (JSON.stringify(atRest(before)) !== JSON.stringify(atRest(after))) return null;
  const quiet = quietKind(event);
  const moved = JSON.stringify(before.clocks) !== JSON.stringify(after.clocks);
  // Of another node, or after the end: it was heard, and moved not even a clock.
  return quiet === null || quiet.seq !== null || moved || event.type === "look"
    ? quiet
    : { ...quiet, kind: "nothing_new" };
}

function quietKind(event: TaskEvent): Quiet | null {
  switch (event.type) {
    case "look":
    case "contact":
    case "node_observed":
      return { kind: event.type, turn: null, seq: null };
    case "vm_agent":
      return event.event.type === "agent_update"
        ? { kind: "agent_update", turn: event.event.turn, seq: event.seq }
        : null;
    default:
      return null;
  }
}

/** A moment as it can be told for any time: exactly, or with contact that was counted and not kept beat by beat. */
export interface KnownMoment {
  readonly moment: TaskMoment;
  /** Beats that came within this span, some of them perhaps later than the time that is asked for. */
  readonly counted: { readonly from: number; readonly to: number; readonly count: number } | null;
}

/**
 * @param entry the newest one that is not later than `at`.
 * @param agentSaidAt when the agent's newest message until then came, which moved the clock of progress while it ran.
 */
export function momentAt(
  entry: Pick<RecordEntry<TaskEvent, TaskMoment>, "after" | "atLast" | "lulls">,
  at: number,
  agentSaidAt: number | null,
): KnownMoment {
  const { after, atLast, lulls } = entry;
  if (atLast === null || lulls.every(({ lastAt }) => lastAt <= at)) return { moment: atLast ?? after, counted: null };
  const beats = lulls.filter(({ kind, firstAt }) => (kind === "contact" || kind === "node_observed") && firstAt <= at);
  const heard = beats.map(({ firstAt, lastAt }) => (lastAt <= at ? lastAt : firstAt));
  const isProgress =
    agentSaidAt !== null && after.step === "running" && agentSaidAt > (after.clocks.lastProgressAt ?? 0);
  const clocks: Clocks = {
    ...after.clocks,
    lastContactAt: latest([after.clocks.lastContactAt, ...heard]),
    lastProgressAt: isProgress ? agentSaidAt : after.clocks.lastProgressAt,
  };
  const open = beats.filter(({ lastAt }) => lastAt > at);
  const counted =
    open.length === 0
      ? null
      : {
          from: Math.min(...open.map(({ firstAt }) => firstAt)),
          to: Math.max(...open.map(({ lastAt }) => lastAt)),
          count: open.reduce((sum, { count }) => sum + count, 0),
        };
  return { moment: { ...after, clocks }, counted };
}

function latest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.max(...known);
}
