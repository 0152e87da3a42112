/**
 * Letting go: what a task does with its machine when it ends or is cancelled. The order is that of the receipt: signal
 * sent, processes gone, work saved, workspace removed, machine released. It goes on after the final step, since a final
 * step moves no clock but still owes its cleanup.
 */
import type { FailureReason } from "../failure-reason.ts";
import type { ReceiptEntry } from "../message.ts";
import type { NodeTaskEvent, ReceiptLine } from "../node-task.ts";
import { receiptLines } from "../receipt.ts";
import { maxAttemptsPerStep, retryDelayMs } from "../retry.ts";
import { isSaving, type Away } from "../return.ts";
import type { NodeObservation, TaskEvent } from "../task-event.ts";
import { isFinal } from "../task-lifecycle.ts";
import type { TaskDraft } from "./draft.ts";
import { noteSavedWork } from "./saved-work.ts";

export function failAndCleanUp(draft: TaskDraft, reason: FailureReason, evidence: string, cause: string): void {
  failWith(draft, reason, evidence, cause);
  cleanUp(draft);
}

/** Nothing is left to clean up, or somebody else does that. */
export function failWith(draft: TaskDraft, reason: FailureReason, evidence: string, cause: string): void {
  const { away } = draft.facts;
  draft.fail(reason, evidence, cause);
  proveAgain(draft, away);
}

/** What was proven since it began to let its machine go is so yet, and the rest of that comes behind it. */
function proveAgain(draft: TaskDraft, away: Away | null): void {
  for (const { line, proof } of away?.lines ?? []) prove(draft, line, proof);
}

export function cleanUp(draft: TaskDraft): void {
  const { nodeId, workspace } = draft.facts;
  if (nodeId === null) return;
  if (workspace?.standing === true) {
    draft.command({ type: "tear_down", workspaceId: workspace.workspaceId });
  } else {
    draft.release(nodeId);
  }
}

/** Adds a line to the receipt, once. In `cancelling` a proven line is progress. */
export function prove(draft: TaskDraft, line: ReceiptLine, proof: string): void {
  if (draft.facts.receipt.some((entry) => entry.line === line)) return;
  const entry: ReceiptEntry = { line, at: draft.now, proof };
  draft.set({ receipt: [...draft.facts.receipt, entry], unproven: draft.facts.unproven.filter((it) => it !== line) });
  draft.say("sam", { kind: "receipt", entry });
  if (draft.facts.step === "cancelling") draft.progress();
}

/**
 * A line that the VM agent proved, of the teardown that it was asked for. Of the machine's release it knows nothing: that
 * is its NodeLifecycle's to say.
 */
export function receiptReported(draft: TaskDraft, event: Extract<NodeTaskEvent, { type: "receipt" }>): void {
  if (event.line !== "machine_released" && letsGo(draft)) prove(draft, event.line, event.proof);
}

/** The VM agent has torn the workspace down: the machine can be let go. Said again it lets nothing go again. */
export function workspaceTornDown(draft: TaskDraft, event: Extract<NodeTaskEvent, { type: "torn_down" }>): void {
  const { nodeId, workspace } = draft.facts;
  if (workspace?.standing !== true || !letsGo(draft)) return;
  noteTornDown(draft, event);
  workspaceFell(draft);
  if (nodeId !== null) draft.release(nodeId);
}

/** What the VM agent saved of the workspace. One of an older version says only under which ref. */
export function noteTornDown(draft: TaskDraft, event: Extract<NodeTaskEvent, { type: "torn_down" }>): void {
  const { savedRef, savedWork = null } = event;
  const { nodeId } = draft.facts;
  if (savedRef === null) return;
  if (savedWork !== null && nodeId !== null) {
    noteSavedWork(draft, nodeId, savedWork);
  } else {
    draft.set({ savedRef });
    draft.note(`Unpushed work is saved on the node as ${savedRef}.`);
  }
}

/**
 * The VM agent kept the workspace, since something could not be saved, ended or removed. It is asked again where that
 * may help; then the machine is let go with the workspace on it, and the receipt leaves open what was not proven.
 */
export function teardownRefused(draft: TaskDraft, event: Extract<NodeTaskEvent, { type: "command_failed" }>): void {
  const { nodeId, workspace } = draft.facts;
  if (workspace?.standing !== true || nodeId === null || !letsGo(draft) || tearDownLater(draft, event)) return;
  draft.set({ retryAt: null });
  draft.note(`The workspace stays on ${nodeId} for as long as that machine does: ${event.evidence}`);
  draft.release(nodeId);
}

/** @returns whether it is asked again, which may help. */
export function tearDownLater(draft: TaskDraft, event: Extract<NodeTaskEvent, { type: "command_failed" }>): boolean {
  const { attempt } = draft.facts;
  if (!event.retryable || attempt >= maxAttemptsPerStep) return false;
  const delayMs = retryDelayMs(attempt - 1);
  draft.set({ attempt: attempt + 1, retryAt: draft.now + delayMs });
  draft.note(`The workspace is kept, and its teardown tried again in ${delayMs / 1000} s: ${event.evidence}`);
  return true;
}

export function tearDownAgain(draft: TaskDraft): void {
  const { nodeId, workspace } = draft.facts;
  if (nodeId === null || workspace?.standing !== true || !letsGo(draft)) return;
  draft.command({ type: "tear_down", workspaceId: workspace.workspaceId });
}

/** The workspace stands no more: torn down, or gone with its machine. */
export function workspaceFell(draft: TaskDraft): void {
  const { workspace, nodeId } = draft.facts;
  if (workspace?.standing !== true) return;
  draft.set({ workspace: { ...workspace, standing: false } });
  if (nodeId !== null) draft.effect({ kind: "record_workspace", nodeId, state: "removed" });
}

/** The claim was let go. A task that still works never asked for that, so there it means nothing. */
export function nodeReleased(draft: TaskDraft, event: Extract<TaskEvent, { type: "node_released" }>): void {
  if (draft.facts.nodeId !== event.nodeId || !letsGo(draft)) return;
  draft.set({ nodeId: null });
  settle(draft, event.proof);
}

/** The machine is destroyed under a task that is letting go: no process and no file is left, and no claim. */
export function nodeDestroyed(draft: TaskDraft, node: NodeObservation): void {
  const proof = `${node.nodeId} is destroyed`;
  if (draft.facts.cancel !== null && draft.facts.workspace !== null) {
    prove(draft, "signal_sent", proof);
    prove(draft, "processes_gone", proof);
    // Work that nobody saved before is not saved by that; where no agent ever worked there is none.
    if (draft.facts.agent === null) prove(draft, "workspace_saved", "no agent ever worked in it");
    prove(draft, "workspace_removed", proof);
  }
  workspaceFell(draft);
  draft.set({ nodeId: null, retryAt: null });
  settle(draft, proof);
}

export function requestCancel(draft: TaskDraft, by: string): void {
  const { away } = draft.facts;
  draft.closePermissions();
  draft.set({ cancel: { at: draft.now, by } });
  draft.enter("cancelling", "cancel_requested");
  if (draft.facts.nodeId !== null) draft.set({ pollAt: draft.now + draft.settings.nodePollMs });
  proveAgain(draft, away);
  cleanUp(draft);
  settle(draft, "no machine is claimed");
}

/**
 * Once no machine is claimed, and no search is out that may yet bring one, the receipt says all that it ever will: a
 * cancel ends, and what was not proven is named.
 */
export function settle(draft: TaskDraft, released: string): void {
  const { cancel, selecting, nodeId, workspace, step } = draft.facts;
  if (cancel === null || selecting || nodeId !== null) return;
  if (workspace === null) {
    prove(draft, "signal_sent", "no process was started for this task");
    prove(draft, "processes_gone", "no process was started for this task");
    prove(draft, "workspace_saved", "no workspace was made");
    prove(draft, "workspace_removed", "no workspace was made");
  }
  prove(draft, "machine_released", released);
  const unproven = unprovenLines(draft);
  draft.set({ unproven });
  if (step !== "cancelling") return;
  if (unproven.length > 0) draft.note(`Its machine is let go. Not proven: ${unproven.join(", ")}.`);
  draft.enter("cancelled", unproven.length > 0 ? "machine_let_go" : "receipt_complete");
}

/** The deadline of `cancelling`: cancelled, with what is unproven named. What is owed is still pursued. */
export function cancelUnproven(draft: TaskDraft, cause: string): void {
  const unproven = unprovenLines(draft);
  const isDue = draft.facts.retryAt !== null;
  draft.set({ unproven });
  draft.note(`Cancelled at its deadline. Not proven yet: ${unproven.join(", ")}. SAM goes on until it is.`);
  draft.enter("cancelled", cause);
  if (isDue) tearDownAgain(draft);
}

/**
 * Its owner does not wait for what can't be proven: it is cancelled now, and its machine given up, with everything on it
 * that was not saved elsewhere. What is proven later is still written down.
 */
export function forceCancel(draft: TaskDraft, by: string): void {
  const { nodeId, cancel, step } = draft.facts;
  if (step !== "cancelling" || cancel === null) return;
  const unproven = unprovenLines(draft);
  draft.set({ unproven, cancel: { ...cancel, forced: { at: draft.now, by } } });
  const machine = nodeId === null ? "" : ` ${nodeId} is given up.`;
  draft.note(`Ended by force. Not proven: ${unproven.join(", ")}.${machine} SAM goes on until its machine is gone.`);
  draft.enter("cancelled", "forced");
  if (nodeId !== null) draft.effect({ kind: "give_up_node", nodeId, force: true });
}

function unprovenLines(draft: TaskDraft): readonly ReceiptLine[] {
  return receiptLines.filter((line) => !draft.facts.receipt.some((entry) => entry.line === line));
}

function letsGo(draft: TaskDraft): boolean {
  return isFinal(draft.facts.step) || draft.facts.step === "cancelling" || isSaving(draft.facts);
}
