/**
 * What the control plane and a VM agent say to each other about one task: commands one way, events the other.
 * The VM agent owns processes and files and decides nothing; these are its whole vocabulary.
 */
import type { WorkDiff } from "./diff.ts";
import type { FailureReason } from "./failure-reason.ts";
import type { TaskId, WorkspaceId } from "./ids.ts";
import type { ModelCalls, ModelFailure } from "./model-calls.ts";
import type { PermissionScope } from "./permission-policy.ts";
import type { Reached } from "./reply.ts";
import type { SavedWorkRef, SavedWorkReport } from "./saved-work.ts";
import type { TurnUsage } from "./usage.ts";
import type { Verdicts } from "./verdicts.ts";

export interface RepositoryRef {
  /** An absolute path on the user's machine, or a URL that git understands. */
  readonly url: string;
  /** The branch to start from; null means the remote's default. */
  readonly branch: string | null;
}

export type NodeCommandBody =
  | {
      readonly type: "create_workspace";
      readonly workspaceId: WorkspaceId;
      readonly repository: RepositoryRef;
      /** Installed beside the checkout, where it is not there yet. */
      readonly agentId: string;
      /** The task's own branch, `sam/<slug>-<id>`. */
      readonly branch: string;
      /** Begin with this work, as it was when it was saved. */
      readonly savedWork?: SavedWorkRef | null | undefined;
      /** A task that left its work here unsaved: whatever is saved of it by now is begun with, and before that nothing. */
      readonly waitsFor?: TaskId | undefined;
      /** The task was torn down before, perhaps on this node, and goes on: its events are numbered from 1 again. */
      readonly comesBack?: boolean | undefined;
    }
  | {
      readonly type: "start_agent";
      readonly workspaceId: WorkspaceId;
      readonly agentId: string;
      /** Whose home and state folder the agent has: the task itself, or the first of the tasks that it continues. */
      readonly homeOf: TaskId;
      /** Load this session again instead of opening a new one. */
      readonly loadSessionId: string | null;
      /** Rises with each start of an agent for this task; a lower one is dead by the time the new one runs. */
      readonly incarnation: number;
    }
  | { readonly type: "prompt"; readonly turn: number; readonly text: string; readonly resume: boolean }
  | { readonly type: "cancel_turn"; readonly turn: number }
  | { readonly type: "answer"; readonly requestId: string; readonly optionId: string | null }
  | {
      readonly type: "deliver";
      readonly branch: string;
      readonly commitMessage: string;
      readonly checkCommand: string | null;
    }
  | { readonly type: "tear_down"; readonly workspaceId: WorkspaceId };

export interface NodeCommand {
  /** Unique for ever; sent at least once, done once. */
  readonly commandId: string;
  readonly taskId: TaskId;
  readonly body: NodeCommandBody;
}

export type WorkspacePhase = "queued" | "mirror" | "checkout" | "agent_install" | "ready";
export type AgentPhase = "spawning" | "initializing" | "opening_session" | "loading_session";
export type DeliveryPhase = "ending_agent" | "committing" | "checking" | "pushing" | "proving";

export type ReceiptLine =
  | "signal_sent"
  | "processes_gone"
  | "workspace_saved"
  | "workspace_removed"
  | "machine_released";

/** An offer of the agent to the user: ACP's permission options, told apart by kind and not by id. */
export interface PermissionOption {
  readonly optionId: string;
  readonly name: string;
  readonly kind: "allow_once" | "allow_always" | "reject_once" | "reject_always";
}

export type NodeTaskEvent =
  /** What the user replied came this far: onto the disk of the VM agent, or to the agent. */
  | { readonly type: "command_reached"; readonly commandId: string; readonly reached: Reached }
  | { readonly type: "workspace_accepted" }
  | { readonly type: "workspace_progress"; readonly phase: WorkspacePhase; readonly bytes: number | null }
  | {
      readonly type: "workspace_ready";
      readonly baseCommit: string;
      readonly baseBranch: string;
      readonly path: string;
      /** The saved work that the workspace began with. */
      readonly broughtBack?: SavedWorkRef | null | undefined;
    }
  | { readonly type: "agent_phase"; readonly incarnation: number; readonly phase: AgentPhase }
  | {
      readonly type: "agent_ready";
      readonly incarnation: number;
      readonly sessionId: string;
      readonly canLoadSession: boolean;
      /** False where a load was asked for and the agent could only open a new session. */
      readonly loaded: boolean;
      readonly name: string;
      readonly version: string;
    }
  /** One ACP `session/update`, as the agent sent it (size-limited by the VM agent). */
  | { readonly type: "agent_update"; readonly turn: number; readonly update: Readonly<Record<string, unknown>> }
  | {
      readonly type: "permission_requested";
      readonly requestId: string;
      readonly title: string;
      /** What exactly would be done: the command, or the change; null where the agent does not say. */
      readonly detail: string | null;
      readonly scope: PermissionScope;
      readonly options: readonly PermissionOption[];
    }
  | { readonly type: "permission_settled"; readonly requestId: string; readonly optionId: string | null }
  | {
      readonly type: "turn_ended";
      readonly turn: number;
      readonly stopReason: string;
      /** What the agent itself reported as failed, by structure; null where it reported nothing of the kind. */
      readonly reportedFailure: string | null;
      readonly usage: TurnUsage | null;
      /** Null where SAM does not see the agent's model calls. */
      readonly model: ModelCalls | null;
    }
  /** A model call failed: said at the first, and when the kind of failure changes. */
  | { readonly type: "model_failing"; readonly turn: number; readonly failure: ModelFailure; readonly failures: number }
  /** A model call succeeded after one that had failed. */
  | { readonly type: "model_answering"; readonly turn: number }
  | { readonly type: "diff"; readonly diff: WorkDiff }
  /** A process that should be alive and isn't; `incarnation` says which start of the agent. */
  | {
      readonly type: "agent_gone";
      readonly incarnation: number;
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly outputTail: string;
    }
  | { readonly type: "delivery_phase"; readonly phase: DeliveryPhase }
  | { readonly type: "delivered"; readonly verdicts: Pick<Verdicts, "produced" | "checked" | "pushed"> }
  | { readonly type: "receipt"; readonly line: ReceiptLine; readonly proof: string }
  | {
      readonly type: "torn_down";
      readonly savedRef: string | null;
      readonly savedWork?: SavedWorkReport | null | undefined;
    }
  /** A command could not be carried out. `retryable` is typed by the VM agent where it knows. */
  | {
      readonly type: "command_failed";
      readonly command: NodeCommandBody["type"];
      readonly reason: FailureReason;
      readonly evidence: string;
      readonly retryable: boolean;
      /** For a failed delivery: what is known of the verdicts. */
      readonly verdicts: Pick<Verdicts, "produced" | "checked" | "pushed"> | null;
      /** For a workspace: the task before, whose work stands in its place and could not be saved yet. */
      readonly heldBy?: TaskId | undefined;
    };
