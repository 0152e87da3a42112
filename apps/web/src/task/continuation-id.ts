/**
 * The id of the task that continues a finished one, drawn here: a continuation that is sent twice, even after a reload,
 * is one task.
 */
import { isId, makeId, type TaskId } from "@sam/domain/ids";
import { ulid } from "ulid";

const prefix = "sam.continuation.";

/** @returns the id drawn for this task before, or a new one. */
export function continuationId(taskId: TaskId): TaskId {
  try {
    const drawn = sessionStorage.getItem(prefix + taskId);
    if (drawn !== null && isId("task", drawn)) return drawn;
  } catch {
    // Storage may be refused: then the id holds for one request.
  }
  const id = makeId("task", ulid());
  try {
    sessionStorage.setItem(prefix + taskId, id);
  } catch {
    // As above.
  }
  return id;
}

/** It was taken, or stands for something else: the next one is another task. */
export function forgetContinuationId(taskId: TaskId): void {
  try {
    sessionStorage.removeItem(prefix + taskId);
  } catch {
    // Nothing was kept.
  }
}
