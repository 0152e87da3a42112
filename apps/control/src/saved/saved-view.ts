/** What a client is shown of saved work: the facts, with the ref and the line that gets it by hand. */
import type { TaskId } from "@sam/domain/ids";
import { describeSavedWork, fetchLine, isKept, savedRefOf, type SavedWork } from "@sam/domain/saved-work";
import type { SavedWorkView } from "@sam/protocol/saved-work-api";

export function savedWorkView(taskId: TaskId, work: SavedWork): SavedWorkView {
  return {
    ...work,
    leftOut: [...work.leftOut],
    forget: work.forget === null ? null : { ...work.forget },
    ref: savedRefOf(taskId),
    summary: describeSavedWork(work),
    isKept: isKept(work),
    fetchLine: fetchLine(taskId, work),
  };
}
