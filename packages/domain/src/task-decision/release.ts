/**
 * Letting the machine go while the task awaits its user, and coming back: on a node that is found like the first one, or on
 * the one that had to be kept.
 */
import type { FailureReason } from "../failure-reason.ts";
import type { NodeId } from "../ids.ts";
import { failureByModel } from "../model-watch.ts";
import type { NodeTaskEvent } from "../node-task.ts";
import { withAnswer, withWords } from "../reply.ts";
import { isAway, isSaving, type Return } from "../return.ts";
import type { TaskEvent } from "../task-event.ts";
import { tearDownLater } from "./cleanup.ts";
import type { TaskDraft } from "./draft.ts";
import { comeBackTo } from "./node-search.ts";

const minuteMs = 60_000;

/** Nobody answered for so long that the machine is not kept for it: the agent ends, and its work is saved first. */
export function releaseMachine(draft: TaskDraft): void {
  const { nodeId, workspace, agent, clocks } = draft.facts;
  draft.set({ releaseAt: null });
  if (nodeId === null || workspace?.standing !== true) return;
  draft.set({
    away: { state: "saving", since: draft.now, releasedAt: null, lines: [] },
    agent: agent === null ? null : { ...agent, state: "gone" },
    attempt: 1,
  });
  const minutes = Math.round((draft.now - clocks.inStateSince) / minuteMs);
  draft.note(`Nobody answered for ${minutes} minutes: the work is saved, and the machine is released.`);
  draft.command({ type: "tear_down", workspaceId: workspace.workspaceId });
}

/** A line of the VM agent's receipt while it lets go: kept for an end that may come later. Of its release it knows nothing. */
export function noteReleaseLine(draft: TaskDraft, { line, proof }: Extract<NodeTaskEvent, { type: "receipt" }>): void {
  const { away } = draft.facts;
  if (away === null || line === "machine_released" || away.lines.some((entry) => entry.line === line)) return;
  draft.set({ away: { ...away, lines: [...away.lines, { line, at: draft.now, proof }] } });
}

/** The claim is let go. From here on it costs nothing; what a VM agent says of it next is numbered from 1 again. */
export function machineReleased(draft: TaskDraft, nodeId: NodeId): void {
  const { away, savedRef } = draft.facts;
  if (away === null || draft.facts.nodeId !== nodeId) return;
  draft.set({
    nodeId: null,
    away: { ...away, state: "released", releasedAt: draft.now },
    nodeMark: null,
    nodeEventSeq: 0,
    attempt: 1,
    retryAt: null,
  });
  const saved = savedRef === null ? "There was no work to save." : `Its work is saved as ${savedRef}.`;
  draft.note(`The machine is released. ${saved} What you answer or say brings the task back.`);
  if (draft.facts.comesBackFor !== null) comeBack(draft);
}

/** The VM agent kept the workspace. It is asked again where that may help; else the machine is kept, and the workspace on it. */
export function releaseRefused(draft: TaskDraft, event: Extract<NodeTaskEvent, { type: "command_failed" }>): void {
  if (draft.facts.workspace?.standing !== true || tearDownLater(draft, event)) return;
  const why = event.evidence;
  draft.set({ away: null, kept: { at: draft.now, why }, retryAt: null, attempt: 1 });
  draft.note(`The machine is kept, since the work on it could not be saved: ${why}`);
  if (draft.facts.comesBackFor !== null) comeBack(draft);
}

/** An answer to a question of an agent that was let go: the next one is told of both. */
export function answeredAway(draft: TaskDraft, event: Extract<TaskEvent, { type: "answered" }>): void {
  const { permission: question } = draft.facts;
  const { requestId, optionId, by, summary = "" } = event;
  if (question === null) return;
  draft.say("sam", { kind: "permission_settled", requestId, optionId, by });
  draft.set({
    permission: null,
    replies: withAnswer(draft.facts.replies, { requestId, optionId, by, commandId: null }, draft.now),
  });
  draft.closePermissions();
  comeBackFor(draft, { kind: "answer", question, optionId, by, summary });
}

/** Words bring it back, too. A question that is still open is closed by them: its turn ends, and they begin another. */
export function saidAway(draft: TaskDraft, text: string, summary: string): void {
  const { turn, verdicts } = draft.facts;
  draft.set({ replies: withWords(draft.facts.replies, draft.now) });
  // Shown at once: the task may end before any agent is told.
  draft.note(`Told to the agent once the task has a machine again: ${text}`);
  if (turn?.running === true) {
    draft.closePermissions();
    const detail = "you said something else while it waited for an answer";
    draft.set({
      turn: { ...turn, running: false, leftMs: null },
      verdicts: { ...verdicts, ended: { holds: true, stopReason: "cancelled", detail } },
    });
  }
  comeBackFor(draft, { kind: "words", text, summary });
}

/** What there is was saved, and is delivered from a workspace that it is brought back into. */
export function deliverAway(draft: TaskDraft, cause = "deliver_requested"): void {
  const { modelTrouble, pendingFailure } = draft.facts;
  if (modelTrouble !== null && pendingFailure === null) {
    draft.set({ pendingFailure: { ...failureByModel(modelTrouble, draft.now), at: draft.now } });
  }
  comeBackFor(draft, { kind: "delivery", cause });
}

/**
 * Nobody answered until the deadline of the step. What there is is brought back, delivered and judged, as that of a task that
 * kept its machine. @returns whether it comes back; one that is still letting go, or that was answered, does not.
 */
export function forgottenAway(draft: TaskDraft, reason: FailureReason, evidence: string): boolean {
  const { turn, verdicts, interrupted } = draft.facts;
  if (isSaving(draft.facts)) return false;
  draft.closePermissions();
  if (turn?.running === true || interrupted) {
    draft.set({
      pendingFailure: { reason, evidence, at: draft.now },
      verdicts: { ...verdicts, ended: { holds: false, stopReason: "none", detail: evidence } },
      turn: turn === null ? null : { ...turn, running: false, leftMs: null },
    });
  }
  deliverAway(draft, "deadline");
  return true;
}

/** While it is still letting go that is brought to its end first. */
function comeBackFor(draft: TaskDraft, why: Return): void {
  draft.set({ comesBackFor: why });
  if (draft.facts.away?.state !== "saving") comeBack(draft);
}

const causes = { answer: "answered", words: "follow_up" } as const;

function comeBack(draft: TaskDraft): void {
  const { comesBackFor } = draft.facts;
  if (comesBackFor === null || !isAway(draft.facts)) return;
  draft.set({ interrupted: false, modelTrouble: null, capacityDeadlineAt: null });
  comeBackTo(draft, comesBackFor.kind === "delivery" ? comesBackFor.cause : causes[comesBackFor.kind]);
}
