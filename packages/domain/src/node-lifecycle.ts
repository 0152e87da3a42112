/**
 * The lifecycle of a node, as one table, under the same rules as a task's. `ready` has work, `warm` has none and is
 * kept for a while. A failed node is still destroyed: only `destroyed` is final.
 */
import type { SettingName } from "./settings.ts";

export const nodeStates = [
  "requested",
  "creating",
  "booting",
  "ready",
  "warm",
  "draining",
  "failed",
  "destroying",
  "destroyed",
] as const;
export type NodeState = (typeof nodeStates)[number];
export type FinalNodeState = "destroyed";
export type NonFinalNodeState = Exclude<NodeState, FinalNodeState>;

/** Why a node failed: a closed list. */
export const nodeFailureReasons = {
  quota_exceeded: "the provider's quota is used up",
  capacity: "the provider has no machine of this kind free",
  unauthorized: "the provider refused the credentials",
  rejected: "the provider refused the request",
  provider_unavailable: "the provider did not answer in time",
  provisioning_timeout: "the server never ran",
  boot_timeout: "the VM agent never said hello",
  contact_lost: "the VM agent went silent",
  server_gone: "the provider no longer lists the server",
  destroyed_by_task: "a task gave the node up",
  destroyed_by_owner: "its owner asked for it",
} as const;
export type NodeFailureReason = keyof typeof nodeFailureReasons;

export interface NonFinalNodeRow {
  readonly final: false;
  readonly waitsFor: string;
  readonly owner: "node_lifecycle" | "provider" | "vm_agent" | "task_runner";
  readonly deadline: SettingName;
  /** Where the state goes when the deadline passes. */
  readonly then: NodeState;
  readonly consequence: string;
  /** Where a request to give the node up leads. */
  readonly destroy: "draining" | "destroying";
  /** Every state that can follow, whatever happens; the model check holds this against what is decided. */
  readonly leadsTo: readonly NodeState[];
}

type Table = { readonly [State in NonFinalNodeState]: NonFinalNodeRow } & {
  readonly [State in FinalNodeState]: { readonly final: true; readonly means: string };
};

export const nodeLifecycle: Table = {
  requested: {
    final: false,
    waitsFor: "the provider to accept the server",
    owner: "provider",
    deadline: "nodeRequestMs",
    then: "failed",
    consequence: "fails (provider_unavailable), then destroys what the provider lists under its tag",
    destroy: "destroying",
    leadsTo: ["creating", "ready", "failed", "destroying"],
  },
  creating: {
    final: false,
    waitsFor: "the provider to say that the server runs",
    owner: "provider",
    deadline: "provisioningMs",
    then: "failed",
    consequence: "fails (provisioning_timeout), then destroys the server",
    destroy: "destroying",
    leadsTo: ["booting", "ready", "failed", "destroying"],
  },
  booting: {
    final: false,
    waitsFor: "the first hello of the VM agent",
    owner: "vm_agent",
    deadline: "nodeBootMs",
    then: "failed",
    consequence: "fails (boot_timeout), then destroys the server",
    destroy: "destroying",
    leadsTo: ["ready", "failed", "destroying"],
  },
  ready: {
    final: false,
    waitsFor: "its tasks to end; each heartbeat moves the deadline",
    owner: "task_runner",
    deadline: "contactLostMs",
    then: "failed",
    consequence:
      "fails (contact_lost), then destroys the server; drains and stays while it holds work that is nowhere else",
    destroy: "draining",
    leadsTo: ["warm", "draining", "failed"],
  },
  warm: {
    final: false,
    waitsFor: "a task that can use it",
    owner: "node_lifecycle",
    deadline: "warmMs",
    then: "draining",
    consequence: "drains, then destroys the server; it stays while it holds work that is nowhere else",
    destroy: "draining",
    leadsTo: ["ready", "draining", "failed"],
  },
  draining: {
    final: false,
    waitsFor: "its last tasks to let go",
    owner: "task_runner",
    deadline: "nodeDrainMs",
    then: "destroying",
    consequence: "destroys the server; while it holds work that is nowhere else its tasks end, and it stays",
    destroy: "destroying",
    leadsTo: ["destroying", "failed"],
  },
  failed: {
    final: false,
    waitsFor: "its destruction to begin",
    owner: "node_lifecycle",
    deadline: "nodeRequestMs",
    then: "destroying",
    consequence: "destroys the server",
    destroy: "destroying",
    leadsTo: ["destroying"],
  },
  destroying: {
    final: false,
    waitsFor: "the provider to say that the server is gone",
    owner: "provider",
    deadline: "nodeDestroyMs",
    then: "destroying",
    consequence: "asks the provider again, and is reported by the sweep until the server is gone",
    destroy: "destroying",
    leadsTo: ["destroyed"],
  },
  destroyed: { final: true, means: "the provider no longer lists the server" },
};

export function isFinalNodeState(state: NodeState): state is FinalNodeState {
  return nodeLifecycle[state].final;
}
