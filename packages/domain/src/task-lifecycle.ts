/**
 * The lifecycle of a task, as one table. A task is in one step at a time; a step that is not final has a deadline, an
 * owner, a cancel edge and a consequence, and the types refuse a row without them. The interface and
 * `docs/lifecycle.md` are made from this table.
 */
import type { FailureReason } from "./failure-reason.ts";
import { lastingFailureKinds, reasonOfModelFailure, type ModelFailureKind } from "./model-calls.ts";
import type { SettingName } from "./settings.ts";

export const nonFinalSteps = [
  "node_selection",
  "waiting_for_node_capacity",
  "node_provisioning",
  "node_agent_ready",
  "workspace_creation",
  "workspace_ready",
  "agent_session",
  "running",
  "awaiting_input",
  "delivery",
  "cancelling",
] as const;
export const finalSteps = ["completed", "failed", "cancelled"] as const;
export const taskSteps = [...nonFinalSteps, ...finalSteps] as const;

export type NonFinalStep = (typeof nonFinalSteps)[number];
export type FinalStep = (typeof finalSteps)[number];
export type TaskStep = (typeof taskSteps)[number];

/** Who is expected to move the step on; the TaskRunner's alarm moves it when they don't. */
export type StepOwner = "task_runner" | "node_lifecycle" | "vm_agent" | "agent" | "user";

/** What the TaskRunner does when the deadline passes. */
export type Consequence =
  | { readonly does: "fail"; readonly reason: FailureReason }
  | { readonly does: "destroy_node_and_fail"; readonly reason: FailureReason }
  | { readonly does: "retry_then_fail"; readonly retries: number; readonly reason: FailureReason }
  | {
      readonly does: "restart_agent_then_fail";
      readonly restarts: number;
      /** Whether there may be work, to be delivered before the task fails. */
      readonly delivers: boolean;
      readonly reason: FailureReason;
    }
  | { readonly does: "deliver_then_fail"; readonly reason: FailureReason }
  /** The reason is that of the last failure: `reasonOfModelFailure`. */
  | { readonly does: "deliver_then_fail_by_model" }
  | { readonly does: "end_by_verdict"; readonly reason: FailureReason }
  | { readonly does: "save_and_fail"; readonly reason: FailureReason }
  | { readonly does: "cancel_with_what_is_unproven" };

/** A second deadline that moves with the clock of progress. */
export interface ProgressDeadline {
  readonly flag: SettingName | null;
  readonly limit: SettingName;
  readonly then: Consequence;
}

/**
 * What the step depends on without waiting for it. Its time begins with the first failure, ends where it works again, and
 * stands still while the task awaits the user.
 */
export interface Watch {
  readonly over: "model";
  readonly fails: string;
  readonly limit: SettingName;
  /** Failures after which nobody waits: trying again cannot help. */
  readonly atOnce: readonly ModelFailureKind[];
  readonly then: Consequence;
}

export interface NonFinalRow {
  readonly final: false;
  readonly waitsFor: string;
  readonly owner: StepOwner;
  /** What counts as progress here; null where nothing short of the next step does. */
  readonly progress: string | null;
  readonly deadline: SettingName;
  readonly then: Consequence;
  readonly progressDeadline: ProgressDeadline | null;
  readonly watches: readonly Watch[];
  readonly cancel: "cancelling";
  /** Every step that can follow, whatever happens; the model check holds this against what is decided. */
  readonly leadsTo: readonly TaskStep[];
}

export interface FinalRow {
  readonly final: true;
  readonly means: string;
}

type Table = { readonly [Step in NonFinalStep]: NonFinalRow } & { readonly [Step in FinalStep]: FinalRow };

export const taskLifecycle: Table = {
  node_selection: {
    final: false,
    waitsFor: "a warm node, a node with room, or a decision to provision",
    owner: "task_runner",
    progress: null,
    deadline: "nodeSelectionMs",
    then: { does: "fail", reason: "node_selection_timeout" },
    progressDeadline: null,
    watches: [],
    cancel: "cancelling",
    leadsTo: [
      "waiting_for_node_capacity",
      "node_provisioning",
      "node_agent_ready",
      "workspace_creation",
      "cancelling",
      "failed",
    ],
  },
  waiting_for_node_capacity: {
    final: false,
    waitsFor: "quota or provider capacity",
    owner: "task_runner",
    progress: "its place in the queue moved",
    deadline: "capacityWaitMs",
    then: { does: "fail", reason: "capacity_timeout" },
    progressDeadline: null,
    watches: [],
    cancel: "cancelling",
    leadsTo: ["node_provisioning", "node_agent_ready", "workspace_creation", "cancelling", "failed"],
  },
  node_provisioning: {
    final: false,
    waitsFor: "the provider to say that the server runs",
    owner: "node_lifecycle",
    progress: "the provider's status changed",
    deadline: "provisioningMs",
    then: { does: "destroy_node_and_fail", reason: "provisioning_timeout" },
    progressDeadline: null,
    watches: [],
    cancel: "cancelling",
    leadsTo: ["node_agent_ready", "workspace_creation", "waiting_for_node_capacity", "cancelling", "failed"],
  },
  node_agent_ready: {
    final: false,
    waitsFor: "the first hello of the VM agent",
    owner: "node_lifecycle",
    progress: "a boot phase was reported",
    deadline: "nodeBootMs",
    then: { does: "destroy_node_and_fail", reason: "node_boot_timeout" },
    progressDeadline: null,
    watches: [],
    cancel: "cancelling",
    leadsTo: ["workspace_creation", "waiting_for_node_capacity", "cancelling", "failed"],
  },
  workspace_creation: {
    final: false,
    waitsFor: "the VM agent's acknowledgement",
    owner: "vm_agent",
    progress: null,
    deadline: "workspaceCreationMs",
    then: { does: "retry_then_fail", retries: 1, reason: "workspace_not_acknowledged" },
    progressDeadline: null,
    watches: [],
    cancel: "cancelling",
    leadsTo: ["workspace_ready", "agent_session", "delivery", "cancelling", "failed"],
  },
  workspace_ready: {
    final: false,
    waitsFor: "the checkout",
    owner: "vm_agent",
    progress: "bytes arrived, or a phase was reported",
    deadline: "workspaceReadyMs",
    then: { does: "fail", reason: "workspace_timeout" },
    progressDeadline: {
      flag: null,
      limit: "workspaceProgressMs",
      then: { does: "fail", reason: "workspace_timeout" },
    },
    watches: [],
    cancel: "cancelling",
    leadsTo: ["agent_session", "delivery", "cancelling", "failed"],
  },
  agent_session: {
    final: false,
    waitsFor: "the agent to answer ACP initialize and to open a session",
    owner: "vm_agent",
    progress: "a phase was reported",
    deadline: "agentSessionMs",
    then: { does: "restart_agent_then_fail", restarts: 1, delivers: false, reason: "agent_session_timeout" },
    progressDeadline: null,
    watches: [],
    cancel: "cancelling",
    leadsTo: ["running", "cancelling", "failed"],
  },
  running: {
    final: false,
    waitsFor: "the end of the agent's turn",
    owner: "agent",
    progress: "the agent sent an update",
    deadline: "turnMs",
    then: { does: "deliver_then_fail", reason: "turn_timeout" },
    progressDeadline: {
      flag: "turnStallFlagMs",
      limit: "turnStallMs",
      then: { does: "restart_agent_then_fail", restarts: 1, delivers: true, reason: "turn_stalled" },
    },
    watches: [
      {
        over: "model",
        fails: "no call of the agent to its model has succeeded since one failed",
        limit: "modelFailingMs",
        atOnce: lastingFailureKinds,
        then: { does: "deliver_then_fail_by_model" },
      },
    ],
    cancel: "cancelling",
    leadsTo: ["awaiting_input", "delivery", "cancelling", "failed"],
  },
  awaiting_input: {
    final: false,
    waitsFor: "you: a permission, a question, a follow-up",
    owner: "user",
    progress: null,
    deadline: "awaitingInputMs",
    then: { does: "end_by_verdict", reason: "input_timeout" },
    progressDeadline: null,
    watches: [],
    cancel: "cancelling",
    leadsTo: ["running", "delivery", "node_selection", "workspace_creation", "cancelling", "failed"],
  },
  delivery: {
    final: false,
    waitsFor: "the commit, the check command, the push, and the remote's proof of it",
    owner: "vm_agent",
    progress: "a phase was reported",
    deadline: "deliveryMs",
    then: { does: "save_and_fail", reason: "delivery_timeout" },
    progressDeadline: null,
    watches: [],
    cancel: "cancelling",
    leadsTo: ["completed", "cancelling", "failed"],
  },
  cancelling: {
    final: false,
    waitsFor: "the receipt: signal sent, processes gone, work saved, workspace removed, machine released",
    owner: "vm_agent",
    progress: "a line of the receipt was proven",
    deadline: "cancellingMs",
    then: { does: "cancel_with_what_is_unproven" },
    progressDeadline: null,
    watches: [],
    cancel: "cancelling",
    leadsTo: ["cancelled", "failed"],
  },
  completed: { final: true, means: "the turn ended and the delivery was made; the verdicts say how good it is" },
  failed: { final: true, means: "it ended for a reason of the closed list, with its evidence" },
  cancelled: { final: true, means: "it was cancelled; the receipt says what was proven" },
};

export function isFinal(step: TaskStep): step is FinalStep {
  return taskLifecycle[step].final;
}

/** The one predicate that the API, the CLI and the page ask before they offer a cancel. */
export function canCancel(step: TaskStep): boolean {
  return !isFinal(step) && step !== "cancelling";
}

/** @returns in words what happens when the deadline of a row passes. */
export function describeConsequence(consequence: Consequence): string {
  switch (consequence.does) {
    case "fail":
      return `fails (${consequence.reason})`;
    case "destroy_node_and_fail":
      return `destroys the node and fails (${consequence.reason})`;
    case "retry_then_fail":
      return `tries ${times(consequence.retries)} more on the same node, then fails (${consequence.reason})`;
    case "restart_agent_then_fail":
      return `restarts the agent ${times(consequence.restarts)}, then ${consequence.delivers ? "delivers what there is and " : ""}fails (${consequence.reason})`;
    case "deliver_then_fail":
      return `delivers what there is and fails (${consequence.reason})`;
    case "deliver_then_fail_by_model":
      return `delivers what there is and fails (${[...new Set(Object.values(reasonOfModelFailure))].join(", ")})`;
    case "end_by_verdict":
      return "completes or fails by verdict";
    case "save_and_fail":
      return `saves the work and fails (${consequence.reason})`;
    case "cancel_with_what_is_unproven":
      return "ends as cancelled, naming what is unproven; the ledger takes over";
  }
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
