/**
 * A breakage is a fault that a person makes on their own machine, on purpose, to see what SAM promises about it. The table
 * says beforehand what is done and what holds; `proofOf` says afterwards, from facts alone, whether it did.
 */
import type { NodeId, TaskId } from "./ids.ts";
import { isFinal, type TaskStep } from "./task-lifecycle.ts";

export const breakageKinds = ["kill_vm_agent", "cut_network", "restart_control_plane", "stall_provider"] as const;
export type BreakageKind = (typeof breakageKinds)[number];

export interface BreakageRow {
  readonly title: string;
  /** What is done, really, to processes and sockets. */
  readonly does: string;
  readonly promises: readonly string[];
  /** Whether it is done to one node. */
  readonly ofNode: boolean;
  /** How long it lasts where nobody says; null: it is over as soon as it is done. */
  readonly defaultMs: number | null;
}

/** The longest that anything may stay broken: it ends by itself, also where nobody looks any more. */
export const longestBreakageMs = 120_000;
export const shortestBreakageMs = 500;
/** A promise that is not proven so long after the end of what broke it did not hold. */
export const proofPatienceMs = 120_000;

export const breakages: Readonly<Record<BreakageKind, BreakageRow>> = {
  kill_vm_agent: {
    title: "Kill the VM agent",
    does: "Kills the node's VM agent with SIGKILL, and with it every process on that node, the coding agents too.",
    promises: [
      "The VM agent is started again, and what an older one still says is void.",
      "A task in mid-turn has its agent's session loaded again, once, and goes on.",
      "No message is lost, and none comes twice.",
    ],
    ofNode: true,
    defaultMs: null,
  },
  cut_network: {
    title: "Cut the network of a node",
    does: "Breaks off every connection between the node and the control plane, and lets no other through meanwhile.",
    promises: [
      "The node dials in again by itself, and nothing on it is started anew.",
      "Its tasks go on meanwhile; what their agents say is kept on the node.",
      "No message is lost, and none comes twice.",
    ],
    ofNode: true,
    defaultMs: 20_000,
  },
  restart_control_plane: {
    title: "Restart the control plane",
    does: "Kills workerd with SIGKILL: every Durable Object, every alarm and every connection of this installation.",
    promises: [
      "The control plane is back by itself, with every task in its step.",
      "Every node dials in again, and nothing on it is started anew.",
      "No message is lost, and none comes twice.",
    ],
    ofNode: false,
    defaultMs: null,
  },
  stall_provider: {
    title: "Stall the provider",
    does: "Holds back every answer of the machine host, as a cloud does whose API hangs.",
    promises: [
      "The provider answers again, and what was asked of it meanwhile is asked once more.",
      "A task that waits for a machine keeps its deadline.",
      "No server is made twice.",
    ],
    ofNode: false,
    defaultMs: 20_000,
  },
};

export interface NodeScene {
  readonly nodeId: NodeId;
  /** Rises with each start of its VM agent. */
  readonly epoch: number;
  /** The first hello of the VM agent that counts now; null before any. */
  readonly bootedAt: number | null;
  readonly connected: boolean;
  readonly lastContactAt: number | null;
}

export interface TaskScene {
  readonly taskId: TaskId;
  readonly nodeId: NodeId | null;
  readonly step: TaskStep;
  readonly deadlineAt: number | null;
  /** Which start of its agent this is; 0 before the first. */
  readonly incarnation: number;
  readonly lastProgressAt: number | null;
  /** The newest message, and how many of those up to it are not there. */
  readonly lastSeq: number;
  readonly missing: number;
}

/** What is true of an installation at one moment, as far as a breakage can touch it. */
export interface Scene {
  readonly at: number;
  readonly nodes: readonly NodeScene[];
  /** Those that were open when it was broken. */
  readonly tasks: readonly TaskScene[];
  /** The nodes for which the provider lists more than one server; null where it does not answer. */
  readonly doubled: readonly string[] | null;
}

/** What was done, by whoever did it. */
export interface Deed {
  readonly kind: BreakageKind;
  readonly nodeId: NodeId | null;
  readonly startedAt: number;
  /** When it is over, or was. */
  readonly endsAt: number;
  /** When what was broken worked again, as whoever broke it saw it; null: not yet. */
  readonly backAt: number | null;
  /** What whoever broke it saw, in words. */
  readonly seen: string;
}

/** One promise, and what becomes of it: null while it is not decided. */
export interface Proof {
  readonly promise: string;
  readonly holds: boolean | null;
  readonly evidence: string;
  /** When it was seen to hold, as far as a fact has a time. */
  readonly at: number | null;
}

interface Finding {
  readonly holds: boolean;
  readonly evidence: string;
  readonly at: number | null;
}

/** @returns what became of each promise, in their order. */
export function proofOf(deed: Deed, before: Scene, now: Scene): readonly Proof[] {
  const { promises } = breakages[deed.kind];
  const isLate = now.at > deed.endsAt + proofPatienceMs;
  return findingsOf(deed, before, now).map(({ holds, evidence, at }, index) => ({
    promise: promises[index] ?? "",
    holds: holds ? true : isLate ? false : null,
    evidence,
    at: holds ? at : null,
  }));
}

/** From when on what is seen speaks for what came after it; never, while it is not over. */
function overSince({ endsAt, backAt }: Deed): number {
  return backAt === null ? Number.POSITIVE_INFINITY : Math.max(endsAt, backAt);
}

function findingsOf(deed: Deed, before: Scene, now: Scene): readonly Finding[] {
  switch (deed.kind) {
    case "kill_vm_agent":
      return [startedAgain(deed, before, now), wentOn(deed, before, now), nothingLost(deed, before, now)];
    case "cut_network":
      return [dialledAgain(deed, before, now), wentOn(deed, before, now), nothingLost(deed, before, now)];
    case "restart_control_plane":
      return [isBack(deed, before, now), dialledAgain(deed, before, now), nothingLost(deed, before, now)];
    case "stall_provider":
      return [isBack(deed, before, now), keepsDeadlines(now), nothingDoubled(deed, now)];
  }
}

function startedAgain({ nodeId }: Deed, before: Scene, now: Scene): Finding {
  const was = before.nodes.find((node) => node.nodeId === nodeId);
  const is = now.nodes.find((node) => node.nodeId === nodeId);
  if (was === undefined || is === undefined) return { holds: false, evidence: "the node is not there", at: null };
  const holds = is.epoch > was.epoch && is.connected;
  return { holds, evidence: `epoch ${was.epoch} before, ${is.epoch} now`, at: is.bootedAt };
}

/** Of one node, or of all that were connected. */
function dialledAgain(deed: Deed, before: Scene, now: Scene): Finding {
  const { nodeId } = deed;
  const were = before.nodes.filter((node) => node.connected && (nodeId === null || node.nodeId === nodeId));
  const are = were.map((was) => now.nodes.find((node) => node.nodeId === was.nodeId));
  const back = were.filter((was, index) => {
    const is = are[index];
    return is?.connected === true && is.epoch === was.epoch && (is.lastContactAt ?? 0) > overSince(deed);
  });
  const at = Math.max(0, ...are.map((node) => node?.lastContactAt ?? 0));
  return {
    holds: back.length === were.length,
    evidence: `${back.length} of ${were.length} connected, each under its epoch of before`,
    at: at === 0 ? null : at,
  };
}

/** A task that ended by itself meanwhile went on, unless the breakage ended it. */
function wentOn(deed: Deed, before: Scene, now: Scene): Finding {
  const { kind, nodeId } = deed;
  const were = before.tasks.filter((task) => task.nodeId === nodeId && task.step === "running");
  if (were.length === 0) return { holds: true, evidence: "no task was in mid-turn there", at: null };
  const restarts = kind === "kill_vm_agent" ? 1 : 0;
  const pairs = were.map((was) => ({ was, is: now.tasks.find(({ taskId }) => taskId === was.taskId) }));
  const gone = pairs.filter(({ was, is }) => {
    if (is === undefined || is.step === "failed") return false;
    const moved = isFinal(is.step) || is.step !== was.step || (is.lastProgressAt ?? 0) > overSince(deed);
    return moved && is.incarnation === was.incarnation + restarts;
  });
  const words = pairs.map(
    ({ was, is }) => `${was.taskId}: ${is?.step ?? "not there"}, start ${is?.incarnation ?? 0} of its agent`,
  );
  const at = Math.max(0, ...pairs.map(({ is }) => is?.lastProgressAt ?? 0));
  return { holds: gone.length === were.length, evidence: words.join("; "), at: at === 0 ? null : at };
}

function nothingLost(deed: Deed, before: Scene, now: Scene): Finding {
  const were = before.tasks.filter((task) => deed.nodeId === null || task.nodeId === deed.nodeId);
  const pairs = were.map((was) => ({ was, is: now.tasks.find(({ taskId }) => taskId === was.taskId) }));
  const whole = pairs.filter(({ was, is }) => is !== undefined && is.missing === 0 && is.lastSeq >= was.lastSeq);
  const messages = pairs.reduce((sum, { is }) => sum + (is?.lastSeq ?? 0), 0);
  return {
    // Said only once it is over: before, more may be on its way.
    holds: whole.length === pairs.length && now.at > overSince(deed),
    evidence: `${messages} messages, numbered without a gap in ${whole.length} of ${pairs.length} conversations`,
    at: now.at,
  };
}

function isBack({ backAt, seen }: Deed, before: Scene, now: Scene): Finding {
  const steps = before.tasks.map((was) => now.tasks.find(({ taskId }) => taskId === was.taskId));
  const kept = steps.filter((task) => task !== undefined && task.step !== "failed").length;
  return {
    holds: backAt !== null && kept === before.tasks.length,
    evidence: `${seen}; ${kept} of ${before.tasks.length} open tasks in their step, or past it`,
    at: backAt,
  };
}

function keepsDeadlines(now: Scene): Finding {
  const open = now.tasks.filter(({ step }) => !isFinal(step));
  const kept = open.filter(({ deadlineAt }) => deadlineAt !== null);
  return {
    holds: kept.length === open.length,
    evidence: `${kept.length} of ${open.length} open tasks with a deadline`,
    at: now.at,
  };
}

function nothingDoubled({ backAt }: Deed, { doubled, at }: Scene): Finding {
  if (doubled === null) return { holds: false, evidence: "the provider does not answer", at: null };
  const evidence = doubled.length === 0 ? "one server a node at the most" : `two servers for ${doubled.join(", ")}`;
  return { holds: doubled.length === 0 && backAt !== null, evidence, at };
}
