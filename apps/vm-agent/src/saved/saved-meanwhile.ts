/** What was saved of the task before while this one waited, or came: nobody could name it when this one was sent here. */
import type { SavedWorkRef } from "@sam/domain/saved-work";

import type { BodyOf, Job } from "../task/job.ts";

/** @returns the work that a workspace begins with instead of what its command names; null: nothing was waited for, or saved. */
export function savedMeanwhile({ node, taskId, body }: Job<BodyOf<"create_workspace">>): SavedWorkRef | null {
  const before = node.records.get(taskId).waitedFor ?? body.waitsFor ?? null;
  const saved = before === null ? null : node.saved.get(before);
  return before === null || saved === null ? null : { taskId: before, commit: saved.report.commit };
}
