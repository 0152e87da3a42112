/** What can happen to a task, and what a decision about it can ask for. */
import type { NodeId, TaskId } from "./ids.ts";
import type { NewMessage } from "./message.ts";
import type { NodeFailureReason, NodeState } from "./node-lifecycle.ts";
import type { NodeCommandBody, NodeTaskEvent } from "./node-task.ts";
import type { ToolKind } from "./permission-policy.ts";
import type { SavedWorkRef, SavedWorkReport } from "./saved-work.ts";
import type { TaskFacts, TaskRequest } from "./task-facts.ts";
import type { TaskStep } from "./task-lifecycle.ts";

export interface NodeObservation {
  readonly nodeId: NodeId;
  readonly state: NodeState;
  /** Changes whenever the node's state or the provider's status of its server changed. */
  readonly mark: string;
  readonly failure: NodeFailureReason | null;
  readonly detail: string;
  /** Its owner wants it gone, and its last tasks have had their time: whoever is still there ends, the work saved. */
  readonly mustGo?: boolean | undefined;
  /** When its VM agent was last heard, where one was: an answer about a machine is no word of it. */
  readonly heardAt?: number | undefined;
}

export type TaskEvent =
  /** The alarm says look, not what. */
  | { readonly type: "look" }
  | {
      readonly type: "node_claimed";
      readonly node: NodeObservation;
      /** The saved work that its first workspace begins with, as that is now; null: of none. Left out: as it was. */
      readonly bringsBack?: SavedWorkRef | null | undefined;
      /** The task before, whose work is not saved yet and stands there. */
      readonly waitsFor?: TaskId | undefined;
      /** The saved work that it was to begin with is nowhere any more, and why. */
      readonly savedWorkGone?: string | undefined;
    }
  | { readonly type: "no_capacity"; readonly place: number; readonly why: string }
  | { readonly type: "capacity_freed" }
  | { readonly type: "node_observed"; readonly node: NodeObservation }
  | { readonly type: "node_released"; readonly nodeId: NodeId; readonly proof: string }
  | { readonly type: "contact" }
  | { readonly type: "vm_agent"; readonly seq: number; readonly event: NodeTaskEvent }
  /** An event that could not be applied: passed over and said, so that what comes behind it is not held up. */
  | { readonly type: "vm_agent_passed_over"; readonly seq: number; readonly detail: string }
  | { readonly type: "cancel_requested"; readonly by: string }
  | {
      readonly type: "answered";
      readonly requestId: string;
      readonly optionId: string | null;
      readonly by: string;
      readonly summary?: string | undefined;
    }
  /**
   * While a turn runs it waits for its end; with `interrupt` the turn is cancelled first. Said again under the same key,
   * since a reply was lost, it is not said twice.
   */
  | {
      readonly type: "follow_up";
      readonly text: string;
      readonly interrupt: boolean;
      readonly key: string | null;
      readonly summary?: string | undefined;
    }
  /** Cancels the turn; the task then awaits the user. */
  | { readonly type: "interrupt_requested" }
  /** The user says more after the end: another task begins that continues this one. */
  | { readonly type: "continued"; readonly by: TaskId; readonly text: string; readonly summary: string }
  /** It could not begin: its id stands for another request. */
  | { readonly type: "continuation_refused"; readonly by: TaskId; readonly text: string }
  | { readonly type: "deliver_requested" }
  /** A cancel that can't be proven is ended now, its machine given up. */
  | { readonly type: "force_requested"; readonly by: string }
  | { readonly type: "discard_requested"; readonly by: string }
  /** A node says what it holds of this task's work. */
  | { readonly type: "saved_work_reported"; readonly nodeId: NodeId; readonly work: SavedWorkReport }
  /** The task that brought this one's saved work back has pushed it with its own. */
  | {
      readonly type: "saved_work_delivered";
      readonly by: TaskId;
      /** Which; an older version did not say. */
      readonly commit?: string | undefined;
    }
  | {
      readonly type: "saved_work_forgotten";
      readonly commit: string;
      readonly remote: "removed" | "absent" | "failed";
      readonly detail: string;
    }
  /** The sweep found no alarm: look, and past the deadline fail as lost. */
  | { readonly type: "recover" }
  /** The sweep had to end the row while this runner could not be reached. */
  | { readonly type: "ended_by_sweep" };

/** What a user asks of a task. */
export type UserEvent = Extract<
  TaskEvent,
  {
    type:
      | "cancel_requested"
      | "force_requested"
      | "answered"
      | "follow_up"
      | "interrupt_requested"
      | "deliver_requested"
      | "discard_requested"
      | "continued";
  }
>;

export type TaskEffect =
  | { readonly kind: "select_node" }
  | { readonly kind: "ask_node"; readonly nodeId: NodeId }
  | { readonly kind: "command"; readonly nodeId: NodeId; readonly commandId: string; readonly body: NodeCommandBody }
  /** The workspace's row: it stands on that node, or it stood there. */
  | { readonly kind: "record_workspace"; readonly nodeId: NodeId; readonly state: "standing" | "removed" }
  /** Tells the owner's browsers that it awaits them, by a push; bounded, and nothing waits for it. */
  | {
      readonly kind: "notify";
      /** The question that is open; null: its turn is over. */
      readonly requestId: string | null;
      readonly toolKind: ToolKind | null;
      readonly at: number;
    }
  | {
      readonly kind: "release_node";
      readonly nodeId: NodeId;
      /** The stay that is over; an older version did not say. */
      readonly stay?: number | undefined;
    }
  /** With `force` whether it works or not: as soon as no other task is on it. */
  | { readonly kind: "give_up_node"; readonly nodeId: NodeId; readonly force?: boolean | undefined }
  /** The row of its saved work, as that is now. */
  | { readonly kind: "record_saved_work" }
  | { readonly kind: "forget_saved_work"; readonly nodeId: NodeId; readonly commit: string }
  /** Tells a task that its saved work was pushed by one that brought it back. */
  | { readonly kind: "tell_saved_work_delivered"; readonly taskId: TaskId; readonly commit: string }
  /** Submits the task that continues this one; again it is the same task. */
  | { readonly kind: "begin_task"; readonly request: TaskRequest };

export interface Transition {
  readonly version: number;
  readonly from: TaskStep | null;
  readonly to: TaskStep;
  readonly at: number;
  readonly cause: string;
  /** The facts right after it, for the projection of exactly this transition. */
  readonly facts: TaskFacts;
}

export interface TaskDecision {
  readonly facts: TaskFacts;
  readonly transitions: readonly Transition[];
  readonly effects: readonly { readonly key: string; readonly effect: TaskEffect }[];
  readonly messages: readonly NewMessage[];
}
