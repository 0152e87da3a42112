/** What was just answered or said from a list: enough to show its receipt where the task is no more in that list. */
import type { TaskId } from "@sam/domain/ids";
import type { TaskView } from "@sam/protocol/task-api";

export interface Replied {
  readonly taskId: TaskId;
  readonly title: string;
  /** The question; null: words. */
  readonly requestId: string | null;
  /** When the runner accepted it. */
  readonly acceptedAt: number;
  /** Such as "Allow once". */
  readonly words: string;
  /** Somebody was first: who, when, and what they said; null: it was accepted. */
  readonly late: string | null;
}

/** @returns what a task says of the newest reply that it accepted; null where it keeps no receipt of it. */
export function repliedOf(task: TaskView, requestId: string | null, words: string): Replied | null {
  const reply = task.replies.findLast((one) => one.requestId === requestId);
  if (reply === undefined) return null;
  const { taskId, title } = task;
  return { taskId, title, requestId, acceptedAt: reply.acceptedAt, words, late: null };
}
