/** From the search for a node to a node whose VM agent can be commanded. */
import { noteContact } from "../clocks.ts";
import type { FailureReason } from "../failure-reason.ts";
import { workspaceIdOf } from "../ids.ts";
import type { NodeFailureReason } from "../node-lifecycle.ts";
import { isAway } from "../return.ts";
import type { NodeObservation, TaskEvent } from "../task-event.ts";
import { isFinal } from "../task-lifecycle.ts";
import { failAndCleanUp, failWith, nodeDestroyed, settle, workspaceFell } from "./cleanup.ts";
import type { TaskDraft } from "./draft.ts";
import { savedWorkLost, workToBringBack } from "./saved-work.ts";

/** A provider that refused is asked again ever more slowly: at most this many times slower than the usual poll. */
const slowestPoll = 4;

export function searchForNode(draft: TaskDraft): void {
  if (draft.facts.selecting || draft.facts.nodeId !== null) return;
  draft.set({ selecting: true, stay: draft.facts.stay + 1, pollAt: draft.now + draft.settings.capacityPollMs });
  draft.effect({ kind: "select_node" });
}

/** A claim that comes after the task has ended or was cancelled, or beside another one, is let go at once. */
export function nodeClaimed(draft: TaskDraft, event: Extract<TaskEvent, { type: "node_claimed" }>): void {
  const { step, nodeId, workspace } = draft.facts;
  const { node, bringsBack, waitsFor = null, savedWorkGone } = event;
  draft.set({ selecting: false });
  if (nodeId === null && (step === "node_selection" || step === "waiting_for_node_capacity")) {
    // Each node numbers the events of a task from 1.
    draft.set({ nodeId: node.nodeId, nodeMark: node.mark, nodeEventSeq: 0, waitsFor });
    // Until its first workspace is made the task before may be saved, or saved anew.
    if (bringsBack !== undefined && workspace === null) draft.set({ bringsBack });
    if (savedWorkGone !== undefined) {
      draft.set({ bringsBack: null });
      draft.note(`It begins without the saved work of the task before: ${savedWorkGone}.`);
    }
    draft.note(`Claimed ${node.nodeId} (${node.state}).`);
    proceedWith(draft, node);
  } else if (nodeId !== node.nodeId) {
    if (nodeId === null && !isAway(draft.facts)) draft.set({ nodeId: node.nodeId });
    draft.release(node.nodeId);
  }
}

/** There is no room: the task takes its place in the queue. Only a place further ahead is progress. */
export function noCapacity(draft: TaskDraft, place: number, why: string): void {
  draft.set({ selecting: false });
  const { step, nodeId, queuePlace } = draft.facts;
  if (step === "node_selection") {
    queueUp(draft, "no_capacity");
    draft.set({ queuePlace: place, pollAt: draft.now + draft.settings.capacityPollMs });
    draft.note(`${why} Place in the queue: ${place}.`);
  } else if (step === "waiting_for_node_capacity" && nodeId === null) {
    draft.set({ queuePlace: place });
    if (queuePlace !== null && place < queuePlace) draft.progress();
  }
  settle(draft, "no machine is claimed");
}

/** Waiting has one limit in all, however often a machine is nearly there: it stands from the first time on. */
function queueUp(draft: TaskDraft, cause: string): void {
  const capacityDeadlineAt = draft.facts.capacityDeadlineAt ?? draft.now + draft.settings.capacityWaitMs;
  draft.set({ capacityDeadlineAt });
  draft.enter("waiting_for_node_capacity", cause, capacityDeadlineAt);
}

/**
 * What is known of the claimed node, pushed by it or polled: contact, of when its VM agent was heard where there is one; and
 * progress only where its mark moved.
 */
export function nodeObserved(draft: TaskDraft, node: NodeObservation): void {
  savedWorkLost(draft, node);
  const { nodeId, nodeMark, step, clocks } = draft.facts;
  if (node.nodeId !== nodeId) return;
  draft.set({ clocks: noteContact(clocks, node.heardAt ?? draft.now) });
  // An answer that was overtaken by what the node said in the meantime.
  if (step === "node_agent_ready" && (node.state === "requested" || node.state === "creating")) return;
  draft.set({ nodeMark: node.mark });
  if (isGone(node)) {
    nodeGone(draft, node);
  } else if (node.mustGo === true && !isFinal(step) && step !== "cancelling") {
    failAndCleanUp(draft, "node_lost", `${node.nodeId} goes: ${node.detail}`, "node_must_go");
  } else if (step === "node_provisioning" || step === "node_agent_ready") {
    if (node.mark !== nodeMark) draft.progress();
    proceedWith(draft, node);
  } else if (step === "waiting_for_node_capacity") {
    proceedWith(draft, node);
  }
}

function isGone({ state }: NodeObservation): boolean {
  return state === "failed" || state === "destroying" || state === "destroyed";
}

function proceedWith(draft: TaskDraft, node: NodeObservation): void {
  const { step } = draft.facts;
  if (isGone(node)) {
    nodeGone(draft, node);
    return;
  }
  if (node.state === "booting") {
    if (step !== "node_agent_ready") draft.enter("node_agent_ready", "node_booting");
  } else if (node.state === "requested" || node.state === "creating") {
    // A task in the queue stays there until the provider has taken the request: a refusal then costs it no step.
    const accepted = node.state === "creating" || step === "node_selection";
    if (accepted && step !== "node_provisioning") draft.enter("node_provisioning", "node_claimed");
  } else {
    createWorkspace(draft);
  }
  draft.set({ pollAt: draft.now + draft.settings.nodePollMs });
}

function createWorkspace(draft: TaskDraft): void {
  const { request, nodeId } = draft.facts;
  draft.enter("workspace_creation", "node_ready");
  const workspaceId = workspaceIdOf(request.continues?.rootTaskId ?? request.taskId);
  draft.set({ workspace: { workspaceId, baseCommit: null, standing: true }, workedOn: nodeId });
  if (nodeId !== null) draft.effect({ kind: "record_workspace", nodeId, state: "standing" });
  sendWorkspace(draft);
}

/** A task that was let go comes back: where it was kept, or wherever there is room. */
export function comeBackTo(draft: TaskDraft, cause: string): void {
  const { nodeId, workspace } = draft.facts;
  if (nodeId !== null && workspace?.standing === true) {
    draft.enter("workspace_creation", cause);
    draft.set({ pollAt: draft.now + draft.settings.nodePollMs });
    sendWorkspace(draft);
  } else {
    draft.enter("node_selection", cause);
    searchForNode(draft);
  }
}

export function sendWorkspace(draft: TaskDraft): void {
  const { request, branch, workspace, agent, waitsFor } = draft.facts;
  if (workspace === null) return;
  const { workspaceId } = workspace;
  const { repository, agentId } = request;
  const savedWork = workToBringBack(draft.facts);
  draft.command({
    type: "create_workspace",
    workspaceId,
    repository,
    agentId,
    branch,
    ...(savedWork === null ? {} : { savedWork }),
    ...(waitsFor === null ? {} : { waitsFor }),
    // An agent of this task worked somewhere before, perhaps on the same node.
    ...(agent === null ? {} : { comesBack: true }),
  });
}

/** The machine did not come up in time. It is destroyed unless it works by now; in both cases the claim is let go. */
export function giveUpNode(draft: TaskDraft): void {
  const { nodeId } = draft.facts;
  if (nodeId === null) return;
  draft.effect({ kind: "give_up_node", nodeId });
  draft.release(nodeId);
}

/** The machine failed or is being destroyed. Everything on it is gone with it, and so is its claim. */
function nodeGone(draft: TaskDraft, node: NodeObservation): void {
  const { step, workspace, attempt } = draft.facts;
  if (isFinal(step) || step === "cancelling") {
    if (node.state === "destroyed") nodeDestroyed(draft, node);
    return;
  }
  workspaceFell(draft);
  draft.set({ nodeId: null, nodeMark: null });
  const refused = node.failure === "quota_exceeded" || node.failure === "capacity";
  if (!refused || workspace !== null) {
    failWith(draft, failureOf(draft, node.failure), `${node.nodeId} is ${node.state}: ${node.detail}`, "node_gone");
    return;
  }
  if (step === "waiting_for_node_capacity") draft.set({ attempt: attempt + 1 });
  else queueUp(draft, "provider_refused");
  draft.note(`The provider refused a machine: ${node.detail}`);
  const slower = Math.min(2 ** (draft.facts.attempt - 1), slowestPoll);
  draft.set({ pollAt: draft.now + draft.settings.capacityPollMs * slower });
}

function failureOf(draft: TaskDraft, failure: NodeFailureReason | null): FailureReason {
  switch (failure) {
    case "provisioning_timeout":
      return "provisioning_timeout";
    case "boot_timeout":
      return "node_boot_timeout";
    case "unauthorized":
      return "provider_unauthorized";
    case "rejected":
      return "provider_rejected";
    case "provider_unavailable":
      return "provider_unavailable";
    case "destroyed_by_task":
      // Another task waited longer for the same machine, and gave it up for the same reason.
      if (draft.facts.step === "node_provisioning") return "provisioning_timeout";
      return draft.facts.step === "node_agent_ready" ? "node_boot_timeout" : "node_lost";
    default:
      return "node_lost";
  }
}
