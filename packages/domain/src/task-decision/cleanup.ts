/**
 * Letting go: what a task does with its machine when it ends or is cancelled. The order is that of the receipt: signal
 * sent, processes gone, work saved, workspace removed, machine released. It goes on after the final step, since a final
 * step moves no clock but still owes its cleanup.
 */
import type { ReceiptEntry } from "../message.ts";
import type { ReceiptLine } from "../node-task.ts";
import { isFinal } from "../task-lifecycle.ts";
import type { TaskDraft } from "./draft.ts";

/** The lines without which a cancel is not proven. */
export const receiptLines: readonly ReceiptLine[] = [
  "signal_sent",
  "processes_gone",
  "workspace_saved",
  "workspace_removed",
  "machine_released",
];

export function cleanUp(draft: TaskDraft): void {
  const { nodeId, workspace } = draft.facts;
  if (nodeId === null) return;
  if (workspace?.standing === true) {
    draft.command({ type: "tear_down", workspaceId: workspace.workspaceId });
  } else {
    draft.effect({ kind: "release_node", nodeId });
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

/** The VM agent has torn the workspace down, or it fell with its machine: the machine can be let go. */
export function workspaceGone(draft: TaskDraft): void {
  const { nodeId } = draft.facts;
  workspaceFell(draft);
  if (nodeId !== null && mayLetGo(draft)) draft.effect({ kind: "release_node", nodeId });
}

/** The workspace stands no more: torn down, or gone with its machine. */
export function workspaceFell(draft: TaskDraft): void {
  const { workspace, nodeId } = draft.facts;
  if (workspace?.standing !== true) return;
  draft.set({ workspace: { ...workspace, standing: false } });
  if (nodeId !== null) draft.effect({ kind: "record_workspace", nodeId, state: "removed" });
}

export function requestCancel(draft: TaskDraft, by: string): void {
  draft.set({ cancel: { at: draft.now, by }, permission: null });
  draft.enter("cancelling", "cancel_requested");
  cleanUp(draft);
  settleCancel(draft);
}

/** Ends a cancel when nothing is left to be proven. A search for a node that is still out may yet bring a claim. */
export function settleCancel(draft: TaskDraft): void {
  const { step, selecting, nodeId, workspace } = draft.facts;
  if (step !== "cancelling" || selecting) return;
  if (workspace?.standing !== true) proveTrivially(draft);
  if (nodeId !== null) return;
  prove(draft, "machine_released", "no machine was claimed");
  draft.enter("cancelled", "receipt_complete");
}

/** The deadline of `cancelling`: cancelled, with what is unproven named. What is owed is still pursued. */
export function cancelUnproven(draft: TaskDraft): void {
  const proven = new Set(draft.facts.receipt.map((entry) => entry.line));
  const unproven = receiptLines.filter((line) => !proven.has(line));
  draft.set({ unproven });
  draft.note(`Cancelled at its deadline. Not proven yet: ${unproven.join(", ")}. SAM goes on until it is.`);
  draft.enter("cancelled", "deadline");
}

function proveTrivially(draft: TaskDraft): void {
  const never = draft.facts.workspace === null;
  prove(draft, "signal_sent", never ? "no process was started for this task" : "its machine is gone");
  prove(draft, "processes_gone", never ? "no process was started for this task" : "its machine is gone");
  prove(draft, "workspace_saved", never ? "no workspace was made" : "its machine is gone");
  prove(draft, "workspace_removed", never ? "no workspace was made" : "its machine is gone");
}

function mayLetGo(draft: TaskDraft): boolean {
  return isFinal(draft.facts.step) || draft.facts.step === "cancelling";
}
