/** What can happen to a node, and what a decision about it can ask for. */
import type { TaskId } from "./ids.ts";
import type { Isolation } from "./isolation.ts";
import type { Machine, NodeFacts } from "./node-facts.ts";
import type { NodeFailureReason, NodeState } from "./node-lifecycle.ts";
import type { SavedWorkReport } from "./saved-work.ts";

/** The provider's word for a server, mapped to ours by its adapter. */
export type ServerStatus = "initializing" | "starting" | "running" | "off" | "deleting" | "unknown";

export type NodeEvent =
  | { readonly type: "look" }
  | { readonly type: "machine_read"; readonly machine: Machine }
  | { readonly type: "server_created"; readonly serverId: string; readonly status: ServerStatus }
  | { readonly type: "server_refused"; readonly failure: NodeFailureReason; readonly detail: string }
  | { readonly type: "server_observed"; readonly serverId: string; readonly status: ServerStatus }
  /** The provider lists no server with our tag. */
  | { readonly type: "server_gone" }
  /** Two listings of all that the provider has lacked this node's server. They may lag. */
  | { readonly type: "server_unlisted" }
  | {
      readonly type: "hello";
      readonly bootId: string;
      readonly isolation: Isolation;
      readonly agents: readonly string[];
    }
  | { readonly type: "contact" }
  | {
      readonly type: "claimed";
      readonly taskId: TaskId;
      /** Which stay of its task it is for. */
      readonly stay?: number | undefined;
      /** The task whose saved work it comes for. */
      readonly savedWorkOf?: TaskId | null | undefined;
    }
  /** What the VM agent says that lies on the node. */
  | {
      readonly type: "held_work_reported";
      readonly held: {
        readonly works: readonly (SavedWorkReport & { readonly taskId: TaskId })[];
        readonly unsaved: readonly TaskId[];
      };
    }
  | {
      readonly type: "released";
      readonly taskId: TaskId;
      /** The stay that is over; left out: whichever it is. */
      readonly stay?: number | null | undefined;
    }
  | {
      readonly type: "given_up";
      readonly failure: NodeFailureReason;
      readonly detail: string;
      /** Its owner gives up what lies on it and nowhere else. */
      readonly discards?: boolean | undefined;
      /** The owner's cancel of this task can't be proven: its claim is let go, and the node with it once it is empty. */
      readonly forcedFor?: TaskId | undefined;
    };

export type NodeEffect =
  | { readonly kind: "read_machine" }
  | { readonly kind: "create_server" }
  | { readonly kind: "observe_server" }
  | { readonly kind: "destroy_server" }
  /** Tells one waiting or working task what this node is now. */
  | { readonly kind: "tell_task"; readonly taskId: TaskId }
  /** Tells a task where the saved work is that this node alone had until now. */
  | { readonly kind: "tell_saved_work"; readonly taskId: TaskId; readonly work: SavedWorkReport }
  /** Tells a task that this node has that saved work no more. */
  | { readonly kind: "tell_saved_work_gone"; readonly taskId: TaskId; readonly commit: string }
  /** Room appeared: the tasks that wait longest are told to look. */
  | { readonly kind: "offer_capacity" };

export interface NodeTransition {
  readonly version: number;
  readonly from: NodeState | null;
  readonly to: NodeState;
  readonly at: number;
  readonly cause: string;
  readonly facts: NodeFacts;
}

export interface NodeDecision {
  readonly facts: NodeFacts;
  readonly transitions: readonly NodeTransition[];
  readonly effects: readonly { readonly key: string; readonly effect: NodeEffect }[];
}
