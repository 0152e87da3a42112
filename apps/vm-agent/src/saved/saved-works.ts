/**
 * The saved works of this node: for each task whose work was saved here, what it is, where it is, and when it is tried
 * again to push it. They outlive the task's record, for as long as somebody may want the work back.
 */
import type { TaskId } from "@sam/domain/ids";
import { taskIdSchema } from "@sam/protocol/ids";
import { savedWorkReportSchema } from "@sam/protocol/saved-work";
import { z } from "zod";

import type { StateStore } from "../store/state-database.ts";

const keptSchema = z.object({
  report: savedWorkReportSchema,
  repositoryUrl: z.string(),
  /** Whose secrets it is looked through for. */
  agentId: z.string(),
  /** Looked through, and no secret found. */
  isClean: z.boolean(),
  /** It is never pushed by itself, since it holds a secret. */
  isHeldBack: z.boolean(),
  /** Tries to push it so far, and when the next one is due; null: none is. */
  tries: z.number().int(),
  retryAt: z.number().int().nullable(),
});
export type KeptWork = z.infer<typeof keptSchema>;

const rowSchema = z.object({ task_id: taskIdSchema, work: z.string() });

export class SavedWorks {
  readonly #state: StateStore;
  readonly #known = new Map<TaskId, KeptWork>();
  readonly #listeners: (() => void)[] = [];
  #isChanged = false;

  constructor(state: StateStore) {
    this.#state = state;
    for (const raw of state.sql.prepare("SELECT task_id, work FROM saved_work").all()) {
      const row = rowSchema.parse(raw);
      this.#known.set(row.task_id, keptSchema.parse(JSON.parse(row.work)));
    }
    state.onSync(() => {
      const isChanged = this.#isChanged;
      this.#isChanged = false;
      return () => {
        if (isChanged) for (const tell of this.#listeners) tell();
      };
    });
  }

  /** Called when a change is on the disk, before anything that was said after it leaves this node. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  get(taskId: TaskId): KeptWork | null {
    return this.#known.get(taskId) ?? null;
  }

  all(): ReadonlyMap<TaskId, KeptWork> {
    return this.#known;
  }

  /** Only within a change of the state database. */
  put(taskId: TaskId, work: KeptWork): void {
    this.#state.sql
      .prepare("INSERT INTO saved_work (task_id, work) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET work = ?2")
      .run(taskId, JSON.stringify(work));
    this.#known.set(taskId, work);
    this.#isChanged = true;
  }

  /** Only within a change of the state database. */
  remove(taskId: TaskId): void {
    this.#state.sql.prepare("DELETE FROM saved_work WHERE task_id = ?").run(taskId);
    this.#known.delete(taskId);
    this.#isChanged = true;
  }
}
