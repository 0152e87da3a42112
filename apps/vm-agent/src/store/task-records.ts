/**
 * A task's record is what this node knows of it: its workspace, its agent, how far it has come. A task is over once it is
 * torn down; of a task that is over, and whose events are all acknowledged, only a tombstone is kept.
 */
import type { TaskId, WorkspaceId } from "@sam/domain/ids";
import { taskIdSchema, workspaceIdSchema } from "@sam/protocol/ids";
import { savedWorkRefSchema } from "@sam/protocol/saved-work";
import { z } from "zod";

import type { StateStore } from "./state-database.ts";

const factsSchema = z.object({
  /** `ending` from the receipt of tear_down or void_task, `over` once that is done, `buried` once all is acknowledged. */
  life: z.enum(["active", "ending", "over", "buried"]).default("active"),
  /** The control plane does not want to hear of it any more. */
  isVoid: z.boolean().default(false),
  workspace: z
    .object({
      workspaceId: workspaceIdSchema,
      repositoryUrl: z.string(),
      /** The task's own branch. */
      branch: z.string(),
      /** Null until the checkout is ready. */
      base: z.object({ commit: z.string(), branch: z.string() }).nullable(),
      /** The saved work that it began with. */
      broughtBack: savedWorkRefSchema.nullable().default(null),
    })
    .nullable()
    .default(null),
  agent: z
    .object({
      /** The newest that is known. */
      incarnation: z.number().int(),
      agentId: z.string(),
      /** Whose home it has; null: written by an older version, then the task's own. */
      homeOf: taskIdSchema.nullable().default(null),
      state: z.enum(["starting", "ready", "in_turn", "ended"]),
    })
    .nullable()
    .default(null),
  /** The last turn that an agent was told. */
  turn: z.number().int().default(0),
  /** A prompt that no agent has seen, since the agent was gone when its time came. */
  unsentPrompt: z.string().nullable().default(null),
  /** What the diff was that was reported last: its hash. */
  reportedDiff: z.string().nullable().default(null),
  pushed: z.object({ commit: z.string(), ref: z.string() }).nullable().default(null),
  savedRef: z.string().nullable().default(null),
  /** The task before, whose work stood in its place and was waited for. */
  waitedFor: taskIdSchema.nullable().default(null),
});
export type TaskFacts = z.infer<typeof factsSchema>;

/** It is torn down: nothing of it stands here. */
export function isOver({ life }: Pick<TaskFacts, "life">): boolean {
  return life === "over" || life === "buried";
}

/** @returns the task whose home the agent of this one has. */
export function homeOf(taskId: TaskId, { agent }: TaskFacts): TaskId {
  return agent?.homeOf ?? taskId;
}

const rowSchema = z.object({ task_id: taskIdSchema, facts: z.string() });

export class TaskRecords {
  readonly #state: StateStore;
  readonly #known = new Map<TaskId, TaskFacts>();
  readonly #lifeListeners: (() => void)[] = [];
  #isLifeChanged = false;
  readonly #upsert;

  constructor(state: StateStore) {
    this.#state = state;
    this.#upsert = state.sql.prepare(
      "INSERT INTO task (task_id, facts) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET facts = ?2",
    );
    state.onSync(() => {
      const isLifeChanged = this.#isLifeChanged;
      this.#isLifeChanged = false;
      return () => {
        if (isLifeChanged) for (const tell of this.#lifeListeners) tell();
      };
    });
    for (const raw of state.sql.prepare("SELECT task_id, facts FROM task").all()) {
      const row = rowSchema.parse(raw);
      this.#known.set(row.task_id, factsSchema.parse(JSON.parse(row.facts)));
    }
  }

  /** Called when it is on the disk that a task has its first agent, is being torn down, or is, or comes back. */
  onLife(listener: () => void): void {
    this.#lifeListeners.push(listener);
  }

  /** The facts of a task; of one that this node never heard of, the facts of nothing. */
  get(taskId: TaskId): TaskFacts {
    return this.#known.get(taskId) ?? factsSchema.parse({});
  }

  all(): ReadonlyMap<TaskId, TaskFacts> {
    return this.#known;
  }

  /**
   * The workspace of a task that is over is made anew by the task that continues it. Whoever tears the former down once
   * more, late, must not take it away from there. What has its own work there yet has no heir: who is to continue it waits.
   * @param workspaceId of the former, where nothing is known of it any more.
   * @returns the task that works there now; null: no other one.
   */
  heirOf(taskId: TaskId, workspaceId: WorkspaceId): TaskId | null {
    const own = this.get(taskId).workspace?.workspaceId ?? workspaceId;
    if (this.#hasWorkIn(taskId, own)) return null;
    const heir = [...this.#known].find(([other, facts]) => {
      return other !== taskId && !isOver(facts) && facts.workspace?.workspaceId === own;
    });
    return heir?.[0] ?? null;
  }

  /** @returns another task whose agent worked in this workspace, and that is not torn down: its work may be there alone. */
  holderOf(taskId: TaskId, workspaceId: WorkspaceId): TaskId | null {
    const others = [...this.#known.keys()].filter((other) => other !== taskId);
    return others.find((other) => this.#hasWorkIn(other, workspaceId)) ?? null;
  }

  #hasWorkIn(taskId: TaskId, workspaceId: WorkspaceId): boolean {
    const facts = this.get(taskId);
    return facts.workspace?.workspaceId === workspaceId && facts.agent !== null && !isOver(facts);
  }

  /** Changes some facts, making the record where there is none. Only within a change of the state database. */
  update(taskId: TaskId, change: Partial<TaskFacts>): void {
    const before = this.get(taskId);
    const facts = { ...before, ...change };
    this.#upsert.run(taskId, JSON.stringify(facts));
    this.#known.set(taskId, facts);
    if (change.life !== undefined || (before.agent === null && facts.agent !== null)) this.#isLifeChanged = true;
  }

  /** Keeps a tombstone of a task that is over: the number of its last event, and since when. Only within a change. */
  bury(taskId: TaskId, now: number): void {
    const { isVoid } = this.get(taskId);
    const facts = factsSchema.parse({ life: "buried", isVoid });
    this.#state.sql
      .prepare("UPDATE task SET facts = ?, over_since = ? WHERE task_id = ?")
      .run(JSON.stringify(facts), now, taskId);
    this.#known.set(taskId, facts);
  }

  /** A task that was over comes back: what was known of it here means nothing any more. Only within a change. */
  revive(taskId: TaskId): void {
    const facts = factsSchema.parse({});
    this.#state.sql
      .prepare("UPDATE task SET facts = ?, over_since = NULL WHERE task_id = ?")
      .run(JSON.stringify(facts), taskId);
    this.#known.set(taskId, facts);
  }

  /** Forgets tombstones that are older than `before`. Only within a change. */
  purge(before: number): void {
    const rows = this.#state.sql
      .prepare(
        "DELETE FROM task WHERE over_since < ? AND task_id NOT IN (SELECT task_id FROM outbox) RETURNING task_id, facts",
      )
      .all(before);
    for (const raw of rows) this.#known.delete(rowSchema.parse(raw).task_id);
  }
}
