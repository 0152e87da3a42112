/**
 * Holding: what lies on a node and nowhere else. A node that holds something is not destroyed, whatever deadline passes,
 * unless its owner says so: it waits until its VM agent has pushed or saved it, and says since when and for whom.
 */
import type { TaskId } from "../ids.ts";
import type { NodeEvent } from "../node-event.ts";
import type { Hold } from "../node-facts.ts";
import { describeSavedWork } from "../saved-work.ts";
import type { NodeDraft } from "./draft.ts";

type Reported = Extract<NodeEvent, { type: "held_work_reported" }>;

/** @returns what is only on this node, as its VM agent says. What was held before keeps its time. */
export function holdsOf({ works, unsaved }: Reported["held"], before: readonly Hold[], now: number): Hold[] {
  const since = (kind: Hold["kind"], taskId: TaskId) =>
    before.find((hold) => hold.kind === kind && hold.taskId === taskId)?.since ?? now;
  return [
    ...works
      .filter(({ place }) => place === "mirror")
      .map((work) => ({
        kind: "saved_work" as const,
        taskId: work.taskId,
        commit: work.commit,
        what: describeSavedWork(work),
        why: work.whyNotPushed,
        since: since("saved_work", work.taskId),
      })),
    ...unsaved.map((taskId) => ({
      kind: "workspace" as const,
      taskId,
      what: "a workspace of which nothing is saved yet",
      why: null,
      since: since("workspace", taskId),
    })),
  ];
}

export function heldWorkReported(draft: NodeDraft, { held }: Reported): void {
  const before = draft.facts.holds;
  const holds = holdsOf(held, before, draft.now);
  if (JSON.stringify(holds) === JSON.stringify(before)) return;
  draft.set({ holds });
  for (const hold of before) tellIfNoLongerHeld(draft, hold, held.works);
  if (before.length > 0 && holds.length === 0) nothingHeld(draft);
}

/** Nothing keeps the node for it any more, so its task is told until it has heard it: it may be the last word of this node. */
function tellIfNoLongerHeld(draft: NodeDraft, { kind, taskId, commit }: Hold, works: Reported["held"]["works"]): void {
  if (kind !== "saved_work") return;
  const listed = works.find((work) => work.taskId === taskId);
  if (listed?.place === "remote") {
    const { taskId: _taskId, ...work } = listed;
    draft.effect({ kind: "tell_saved_work", taskId, work });
  } else if (listed === undefined && commit !== undefined) {
    draft.effect({ kind: "tell_saved_work_gone", taskId, commit });
  }
}

/** Nothing keeps the node any more, so that it goes where it would have gone. */
function nothingHeld(draft: NodeDraft): void {
  const { state, claims, kept } = draft.facts;
  if (kept === null && state !== "draining") return;
  draft.set({ kept: null });
  if (state === "draining" && claims.length === 0) draft.destroy("nothing_held");
  else if (state === "warm") draft.set({ deadlineAt: draft.now + draft.settings.warmMs });
}

/** @returns whether something on the node keeps it from being destroyed. */
export function isHeld({ facts }: NodeDraft): boolean {
  return facts.holds.length > 0 && !facts.discards;
}

/** It stays as it is. The next deadline changes nothing but what is said of it: its owner has to decide. */
export function keep(draft: NodeDraft): void {
  const deadlineAt = draft.now + draft.settings.unsavedWorkMs;
  draft.set({ kept: draft.facts.kept ?? { since: draft.now, overdueAt: deadlineAt }, deadlineAt });
}

/**
 * Silent for too long, with work on it that nobody else has: it takes no task any more and its tasks end, but its disk
 * stays. A VM agent that comes back saves and pushes, and then it goes.
 */
export function loseContact(draft: NodeDraft, detail: string): void {
  draft.set({ failure: "contact_lost", detail, mustGo: true });
  if (draft.facts.state !== "draining") draft.enter("draining", "contact_lost");
  draft.set({ contactDeadlineAt: null });
  keep(draft);
  draft.tellTasks();
}
