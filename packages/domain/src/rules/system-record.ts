/**
 * A system's record is what was true of a whole installation at one moment: its rows, the objects behind them, the
 * provider's listing, the process table, the disks and the remotes. Plain data, as a task's record is.
 */
import type { Machine, NodeFacts } from "../node-facts.ts";
import type { NodeState } from "../node-lifecycle.ts";
import type { TaskRowRecord, TaskState } from "./task-record.ts";

/** A node as its NodeLifecycle has it. What the API shows of a node is one; `nodeRecordOf` makes one of facts. */
export interface NodeRecord {
  readonly nodeId: string;
  readonly serverId: string | null;
  readonly state: NodeState;
  readonly version: number;
  readonly inStateSince: number;
  readonly deadlineAt: number | null;
  readonly claims: readonly string[];
  readonly machine: Machine;
  readonly alarmAt?: number | null;
}

export interface NodeRowRecord {
  readonly nodeId: string;
  readonly state: NodeState;
  readonly version: number;
}

/** One server of the provider's listing, ours or not. */
export interface ServerRecord {
  readonly serverId: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A process that carries the installation's mark, with whatever else it carries. */
export interface ProcessRecord {
  readonly pid: number;
  readonly taskId: string | null;
  readonly serverId: string | null;
  /** Whether it is an agent itself, and nothing that one started. */
  readonly isAgent: boolean;
  readonly command: string;
}

/** A checkout that stands on a node's disk, and the task that it belongs to now. */
export interface WorkspaceRecord {
  readonly taskId: string;
  readonly path: string;
}

export interface RefRecord {
  /** The repository's URL, as the tasks name it. */
  readonly repository: string;
  /** At the remote itself, or in the mirror of a node. */
  readonly at: "remote" | "mirror";
  readonly ref: string;
  readonly commit: string;
}

export interface OfferRecord {
  readonly machineType: string;
  readonly vcpu: number | null;
  readonly memoryBytes: number | null;
  readonly diskBytes: number | null;
  readonly monthlyPrice: { readonly amount: number; readonly currency: string } | null;
}

export interface SystemRecord {
  /** In milliseconds since 1970. */
  readonly at: number;
  /** How long after it was due something may still be under way; 0 for a system that has come to rest. */
  readonly graceMs: number;
  readonly installationId: string;
  /** Everything that its runners say. */
  readonly tasks: readonly TaskState[];
  readonly taskRows?: readonly TaskRowRecord[];
  readonly nodes?: readonly NodeRecord[];
  readonly nodeRows?: readonly NodeRowRecord[];
  readonly servers?: readonly ServerRecord[];
  readonly processes?: readonly ProcessRecord[];
  readonly workspaces?: readonly WorkspaceRecord[];
  /** The refs of every remote, and of every mirror that was looked into. */
  readonly refs?: readonly RefRecord[];
  readonly catalog?: readonly OfferRecord[];
}

/** The labels that every server of ours carries. */
export const installationLabelName = "sam-installation";
export const nodeLabelName = "sam-node";

export function nodeRecordOf(facts: NodeFacts): NodeRecord {
  const { request, serverId, state, version, clocks, deadlineAt, claims, machine } = facts;
  const { inStateSince } = clocks;
  return { nodeId: request.nodeId, serverId, state, version, inStateSince, deadlineAt, claims, machine };
}

/** @returns the servers of this installation, by its own label and by nothing else. */
export function ownServers(record: SystemRecord): readonly ServerRecord[] | null {
  return record.servers?.filter(({ labels }) => labels[installationLabelName] === record.installationId) ?? null;
}

/** @returns the task's end in milliseconds since 1970; null while it goes on. */
export function endedAt({ clocks }: TaskState): number | null {
  return clocks.frozenAt;
}

/** @returns whether a task ended so long ago that nothing of it may be under way any more. */
export function isLongOver(record: SystemRecord, task: TaskState): boolean {
  const at = endedAt(task);
  return at !== null && at + record.graceMs <= record.at;
}
