/** The facts of one node: everything that its NodeLifecycle knows, durable, and enough to decide from. */
import type { Clocks } from "./clocks.ts";
import type { NodeId, TaskId, UserId } from "./ids.ts";
import type { Isolation } from "./isolation.ts";
import type { NodeFailureReason, NodeState } from "./node-lifecycle.ts";

/** What a machine is, from the provider's own catalog with the time it was read; or that it cannot be said, and why. */
export type Machine =
  | {
      readonly known: true;
      readonly machineType: string;
      readonly vcpu: number;
      readonly memoryBytes: number;
      readonly diskBytes: number | null;
      readonly monthlyPrice: { readonly amount: number; readonly currency: string } | null;
      readonly location: string;
      readonly source: string;
      readonly readAt: number;
    }
  | { readonly known: false; readonly machineType: string; readonly why: string };

export interface NodeRequest {
  readonly nodeId: NodeId;
  readonly ownerId: UserId;
  readonly provider: string;
  readonly machineType: string;
  readonly location: string;
  readonly slots: number;
}

export interface NodeFacts {
  readonly request: NodeRequest;
  readonly state: NodeState;
  readonly version: number;
  readonly createdAt: number;
  readonly clocks: Clocks;
  readonly deadlineAt: number | null;
  /** When silence of the VM agent becomes a loss; moves with every contact. Null where no VM agent is expected. */
  readonly contactDeadlineAt: number | null;
  readonly pollAt: number | null;
  readonly effectCount: number;
  readonly outagesSeenUntil: number;
  /** The provider's own id of the server; null until it told us. */
  readonly serverId: string | null;
  readonly serverStatus: string | null;
  readonly machine: Machine;
  readonly claims: readonly TaskId[];
  /** Which stay of its task a claim is for: a release that comes late ends no later one. The node's first claim has none. */
  readonly stays: Readonly<Partial<Record<TaskId, number>>>;
  /** The VM agent's process, and the epoch that it was given; words of an older epoch are void. */
  readonly bootId: string | null;
  readonly epoch: number;
  readonly isolation: Isolation | null;
  readonly agents: readonly string[];
  readonly failure: NodeFailureReason | null;
  readonly detail: string;
  /** What lies on it and nowhere else, as its VM agent said last. */
  readonly holds: readonly Hold[];
  /** It would be gone since then, but for what it holds; from `overdueAt` on its owner has to decide. Null: nothing keeps it. */
  readonly kept: { readonly since: number; readonly overdueAt: number } | null;
  /** Its owner gives up what it holds. */
  readonly discards: boolean;
  /** Its last tasks have had their time, and end. */
  readonly mustGo: boolean;
}

/** Work of a task that would be lost with the node. */
export interface Hold {
  readonly taskId: TaskId;
  readonly kind: "saved_work" | "workspace";
  /** The commit of saved work; an older version left it out. */
  readonly commit?: string | undefined;
  /** How much it is, in words. */
  readonly what: string;
  /** Why nobody else has it, where a try was made. */
  readonly why: string | null;
  readonly since: number;
}

/** A node has room if and only if it takes claims in its state and one of its slots is free. */
export function hasRoom(facts: Pick<NodeFacts, "state" | "claims" | "request">): boolean {
  return claimableStates.has(facts.state) && facts.claims.length < facts.request.slots;
}

/** A node that goes takes no task but the one that comes for work which is nowhere else. */
export function hasRoomFor(facts: NodeFacts, workOf: TaskId | null): boolean {
  if (hasRoom(facts)) return true;
  const holdsIt = facts.holds.some(({ taskId }) => taskId === workOf);
  return facts.state === "draining" && holdsIt && facts.claims.length < facts.request.slots;
}

export const claimableStates: ReadonlySet<NodeState> = new Set(["requested", "creating", "booting", "ready", "warm"]);
