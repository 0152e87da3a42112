/**
 * What becomes of a task's saved work: a node says where it is, the task that continues this one brings it back, and when
 * that has delivered it, or the owner wants it gone, it is removed from the remote and the mirror.
 */
import type { NodeId } from "../ids.ts";
import {
  describeSavedWork,
  isKept,
  savedRefOf,
  type ForgetCause,
  type SavedWorkRef,
  type SavedWorkReport,
} from "../saved-work.ts";
import type { NodeObservation, TaskEvent } from "../task-event.ts";
import type { TaskFacts } from "../task-facts.ts";
import type { TaskDraft } from "./draft.ts";

/** From one try to remove it to the next: twice as long each time, up to a day. */
const forgetRetryMs = 10 * 60_000;
const maxForgetRetryMs = 24 * 60 * 60_000;

/** @returns the work that a workspace of this task begins with: its own where it was torn down before, else its predecessor's. */
export function workToBringBack({ request, savedWork, bringsBack }: TaskFacts): SavedWorkRef | null {
  if (savedWork !== null && isKept(savedWork)) return { taskId: request.taskId, commit: savedWork.commit };
  return bringsBack;
}

/** @returns the work that a task which continues this one begins with. What was delivered is on the branch. */
export function workToHandOn(facts: TaskFacts): SavedWorkRef | null {
  const { request, savedWork, verdicts, broughtBack, bringsBack } = facts;
  if (savedWork !== null && isKept(savedWork)) return { taskId: request.taskId, commit: savedWork.commit };
  if (verdicts.pushed?.holds === true) return null;
  const before = broughtBack?.taskId === request.taskId ? null : broughtBack;
  return before ?? bringsBack;
}

/** A new commit is other work; the same one again may have found its way to the remote. */
export function noteSavedWork(draft: TaskDraft, nodeId: NodeId, report: SavedWorkReport): void {
  const { savedWork: before, request } = draft.facts;
  const isSame = before?.commit === report.commit;
  if (isSame && before.place === "removed") return;
  // What its teardown said of it may come late, after it was pushed at last: what the remote took it has.
  if (isSame && before.place === "remote" && report.place === "mirror") return;
  if (isSame && before.place === report.place && before.whyNotPushed === report.whyNotPushed) return;
  const hasMoved = !isSame || before.place !== report.place;
  draft.set({
    savedRef: savedRefOf(request.taskId),
    savedWork: {
      ...report,
      nodeId,
      savedAt: isSame ? before.savedAt : draft.now,
      placedAt: hasMoved ? draft.now : before.placedAt,
      forget: isSame ? before.forget : null,
    },
  });
  draft.effect({ kind: "record_saved_work" });
  if (hasMoved) draft.note(describePlace(draft.facts));
}

type EventOf<Type extends TaskEvent["type"]> = Extract<TaskEvent, { type: Type }>;
type SavedWorkEvent = EventOf<"saved_work_reported" | "saved_work_delivered" | "saved_work_forgotten">;

export function savedWorkEvent(draft: TaskDraft, event: SavedWorkEvent): void {
  switch (event.type) {
    case "saved_work_reported":
      savedWorkReported(draft, event);
      return;
    case "saved_work_delivered":
      savedWorkDelivered(draft, event);
      return;
    case "saved_work_forgotten":
      savedWorkForgotten(draft, event);
  }
}

/** Of other work than what is known only the node counts on which the task worked last; of any, no node but its own. */
function savedWorkReported(draft: TaskDraft, { nodeId, work }: EventOf<"saved_work_reported">): void {
  const { savedWork, workedOn } = draft.facts;
  const isKnown = savedWork?.nodeId === nodeId && savedWork.commit === work.commit;
  if (isKnown || nodeId === workedOn) noteSavedWork(draft, nodeId, work);
}

/** What lay in the mirror of a node alone goes with it. */
export function savedWorkLost(draft: TaskDraft, node: NodeObservation): void {
  const { savedWork } = draft.facts;
  if (node.state !== "destroyed" || savedWork?.place !== "mirror" || savedWork.nodeId !== node.nodeId) return;
  draft.set({ savedWork: { ...savedWork, place: "lost", placedAt: draft.now, forget: null } });
  draft.effect({ kind: "record_saved_work" });
  draft.note(`The saved work is lost: ${node.nodeId} is destroyed, and nothing else had it.`);
}

/**
 * It was pushed by the task that brought it back, together with whatever that one was handed on itself. What was saved
 * anew since then is other work, and nobody has delivered it.
 */
function savedWorkDelivered(draft: TaskDraft, { by, commit }: EventOf<"saved_work_delivered">): void {
  const { broughtBack, request, savedWork } = draft.facts;
  if (savedWork !== null && (commit === undefined || commit === savedWork.commit)) {
    forgetSavedWork(draft, "continued", draft.settings.savedWorkKeptMs);
    draft.note(`${by} has delivered the saved work.`);
  }
  if (broughtBack !== null && broughtBack.taskId !== request.taskId) {
    draft.effect({ kind: "tell_saved_work_delivered", ...broughtBack });
  }
}

/** This task has pushed what its workspace began with. */
export function deliveredWhatWasSaved(draft: TaskDraft): void {
  const { broughtBack, request, savedWork, verdicts } = draft.facts;
  if (broughtBack === null || verdicts.pushed?.holds !== true) return;
  if (broughtBack.taskId !== request.taskId) draft.effect({ kind: "tell_saved_work_delivered", ...broughtBack });
  else if (savedWork?.commit === broughtBack.commit) {
    forgetSavedWork(draft, "continued", draft.settings.savedWorkKeptMs);
  }
}

export function discardSavedWork(draft: TaskDraft): void {
  forgetSavedWork(draft, "discarded", 0);
}

function forgetSavedWork(draft: TaskDraft, cause: ForgetCause, inMs: number): void {
  const { savedWork } = draft.facts;
  if (savedWork === null || !isKept(savedWork)) return;
  // Nothing is gained by keeping what only holds a machine.
  const dueAt = draft.now + (savedWork.place === "remote" ? inMs : 0);
  draft.set({ savedWork: { ...savedWork, forget: { cause, askedAt: draft.now, dueAt, tries: 0, detail: null } } });
  draft.effect({ kind: "record_saved_work" });
  forgetDue(draft);
}

/** A machine is asked to remove it, and asked again until one has. */
export function forgetDue(draft: TaskDraft): void {
  const { savedWork } = draft.facts;
  const forget = savedWork?.forget ?? null;
  if (savedWork === null || forget === null || forget.dueAt === null || forget.dueAt > draft.now) return;
  const tries = forget.tries + 1;
  const waitMs = Math.min(forgetRetryMs * 2 ** (tries - 1), maxForgetRetryMs);
  draft.set({ savedWork: { ...savedWork, forget: { ...forget, tries, dueAt: draft.now + waitMs } } });
  draft.effect({ kind: "forget_saved_work", nodeId: savedWork.nodeId, commit: savedWork.commit });
}

function savedWorkForgotten(draft: TaskDraft, { commit, remote, detail }: EventOf<"saved_work_forgotten">): void {
  const { savedWork } = draft.facts;
  if (savedWork === null || savedWork.forget === null || savedWork.commit !== commit || savedWork.place === "removed")
    return;
  const forget = { ...savedWork.forget, detail };
  if (remote === "failed") {
    draft.set({ savedWork: { ...savedWork, forget } });
  } else {
    draft.set({
      savedWork: { ...savedWork, place: "removed", placedAt: draft.now, forget: { ...forget, dueAt: null } },
    });
    const why = forget.cause === "continued" ? "it was delivered" : "it was discarded";
    draft.note(`The saved work is removed, since ${why}: ${detail}.`);
  }
  draft.effect({ kind: "record_saved_work" });
}

function describePlace({ savedWork, request }: TaskFacts): string {
  if (savedWork === null) return "";
  const { place, nodeId } = savedWork;
  // Why it was not pushed stands in the receipt.
  const where =
    place === "remote"
      ? `is at the remote as ${savedRefOf(request.taskId)}`
      : `is on ${nodeId} alone, which is kept for it`;
  return `The saved work (${describeSavedWork(savedWork)}) ${where}. What you say next brings it back.`;
}
