/**
 * The key of words that are sent: what is sent twice, even after a reload, is said once. Where they continue a finished
 * task, it is the id of the task that continues it. Other words get another key.
 */
import { makeId, type TaskId } from "@sam/domain/ids";
import { taskIdSchema } from "@sam/protocol/ids";
import { ulid } from "ulid";
import { z } from "zod";

const prefix = "sam.said.";
const keptSchema = z.object({ key: taskIdSchema, text: z.string() });

/** @returns the key that these words were sent with before, or a new one. */
export function sayKey(taskId: TaskId, text: string): TaskId {
  const kept = read(taskId);
  if (kept?.text === text) return kept.key;
  const key = makeId("task", ulid());
  try {
    sessionStorage.setItem(prefix + taskId, JSON.stringify({ key, text }));
  } catch {
    // Storage may be refused: then the key holds for one request.
  }
  return key;
}

/** The words were taken, or the key stands for something else. */
export function forgetSayKey(taskId: TaskId): void {
  try {
    sessionStorage.removeItem(prefix + taskId);
  } catch {
    // Nothing was kept.
  }
}

function read(taskId: TaskId): z.infer<typeof keptSchema> | null {
  try {
    return keptSchema.safeParse(JSON.parse(sessionStorage.getItem(prefix + taskId) ?? "null")).data ?? null;
  } catch {
    return null;
  }
}
