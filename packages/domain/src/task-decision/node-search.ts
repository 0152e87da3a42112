/** From the search for a node to a node whose VM agent can be commanded. */
import { noteContact } from "../clocks.ts";
import type { FailureReason } from "../failure-reason.ts";
import { workspaceIdOf } from "../ids.ts";
import type { NodeFailureReason } from "../node-lifecycle.ts";
import type { NodeObservation } from "../task-event.ts";
import { isFinal } from "../task-lifecycle.ts";
import { settleCancel, workspaceFell } from "./cleanup.ts";
import type { TaskDraft } from "./draft.ts";

export function searchForNode(draft: TaskDraft): void {
  if (draft.facts.selecting) return;
  draft.set({ selecting: true, pollAt: draft.now + draft.settings.capacityPollMs });
  draft.effect({ kind: "select_node" });
}

/** A claim that comes after the task has ended or was cancelled is let go at once. */
export function nodeClaimed(draft: TaskDraft, node: NodeObservation): void {
  const { step } = draft.facts;
  draft.set({ selecting: false });
  if (step === "node_selection" || step === "waiting_for_node_capacity") {
    draft.set({ nodeId: node.nodeId, nodeMark: node.mark });
    draft.note(`Claimed ${node.nodeId} (${node.state}).`);
    proceedWith(draft, node);
  } else if (draft.facts.nodeId === null) {
    draft.set({ nodeId: node.nodeId });
    draft.effect({ kind: "release_node", nodeId: node.nodeId });
  } else if (draft.facts.nodeId !== node.nodeId) {
    draft.effect({ kind: "release_node", nodeId: node.nodeId });
  }
}

/** There is no room: the task takes its place in the queue. Only a place that moved is progress. */
export function noCapacity(draft: TaskDraft, place: number, why: string): void {
  draft.set({ selecting: false });
  if (draft.facts.step === "node_selection") {
    draft.enter("waiting_for_node_capacity", "no_capacity");
    draft.set({ queuePlace: place, pollAt: draft.now + draft.settings.capacityPollMs });
    draft.note(`${why} Place in the queue: ${place}.`);
  } else if (draft.facts.step === "waiting_for_node_capacity" && place !== draft.facts.queuePlace) {
    draft.set({ queuePlace: place });
    draft.progress();
  }
  settleCancel(draft);
}

/** What is known of the claimed node, pushed by it or polled: contact always, progress only where its mark moved. */
export function nodeObserved(draft: TaskDraft, node: NodeObservation): void {
  if (node.nodeId !== draft.facts.nodeId) return;
  const moved = node.mark !== draft.facts.nodeMark;
  draft.set({ clocks: noteContact(draft.facts.clocks, draft.now), nodeMark: node.mark });
  if (node.state === "failed" || node.state === "destroying" || node.state === "destroyed") {
    nodeGone(draft, node);
    return;
  }
  const waits = draft.facts.step === "node_provisioning" || draft.facts.step === "node_agent_ready";
  if (!waits) return;
  if (moved) draft.progress();
  proceedWith(draft, node);
}

function proceedWith(draft: TaskDraft, node: NodeObservation): void {
  const { step } = draft.facts;
  if (node.state === "ready" || node.state === "warm" || node.state === "draining") {
    createWorkspace(draft);
  } else if (node.state === "booting") {
    if (step !== "node_agent_ready") draft.enter("node_agent_ready", "node_booting");
    draft.set({ pollAt: draft.now + draft.settings.nodePollMs });
  } else if (node.state === "requested" || node.state === "creating") {
    if (step !== "node_provisioning") draft.enter("node_provisioning", "node_claimed");
    draft.set({ pollAt: draft.now + draft.settings.nodePollMs });
  } else {
    nodeGone(draft, node);
  }
}

export function createWorkspace(draft: TaskDraft): void {
  const { request, branch, nodeId } = draft.facts;
  const workspaceId = workspaceIdOf(request.taskId);
  draft.enter("workspace_creation", "node_ready");
  draft.set({ workspace: { workspaceId, baseCommit: null, standing: true } });
  if (nodeId !== null) draft.effect({ kind: "record_workspace", nodeId, state: "standing" });
  draft.command({ type: "create_workspace", workspaceId, repository: request.repository, branch });
}

/** The machine failed or is being destroyed. Everything on it is gone with it, and so is its claim. */
function nodeGone(draft: TaskDraft, node: NodeObservation): void {
  const { step, workspace } = draft.facts;
  const refused = node.failure === "quota_exceeded" || node.failure === "capacity";
  workspaceFell(draft);
  if (isFinal(step) || step === "cancelling") {
    if (node.state !== "destroyed") return;
    draft.set({ nodeId: null });
    settleCancel(draft);
    return;
  }
  draft.set({ nodeId: null, nodeMark: null });
  if (refused && workspace === null) {
    if (step !== "waiting_for_node_capacity") draft.enter("waiting_for_node_capacity", "provider_refused");
    draft.note(`The provider refused a machine: ${node.detail}`);
    draft.set({ pollAt: draft.now + draft.settings.capacityPollMs });
  } else {
    draft.fail(failureOf(node.failure), `${node.nodeId} is ${node.state}: ${node.detail}`, "node_gone");
  }
}

function failureOf(failure: NodeFailureReason | null): FailureReason {
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
    default:
      return "node_lost";
  }
}
