/**
 * The outbox holds every event that the control plane has not acknowledged, with a contiguous `seq` per task. An event is
 * numbered in the transaction of the change that it reports. What is stored here holds no secret that is known.
 */
import type { TaskId } from "@sam/domain/ids";
import type { NodeTaskEvent } from "@sam/domain/node-task";
import { nodeTaskEventSchema } from "@sam/protocol/node-task-event";
import { z } from "zod";

import { logFact } from "../log.ts";
import { maskEvent } from "../secret/masked-event.ts";
import type { SecretMask } from "../secret/secret-mask.ts";
import type { StateStore } from "./state-database.ts";

const seqSchema = z.object({ last_seq: z.number().int() });
const positionSchema = z.object({ position: z.number().int() });
const rowSchema = z.object({ position: z.number().int(), record: z.string() });

export interface OutboxRow {
  readonly position: number;
  /** A task event record of the protocol, as JSON. */
  readonly record: string;
}

export class Outbox {
  readonly #state: StateStore;
  readonly #maskOf: (taskId: TaskId) => SecretMask;
  readonly #silenced = new Set<TaskId>();
  readonly #acknowledged = new Map<TaskId, number>();
  /** The positions of the last event that was stored, and of the last that is on the disk. */
  #stored: number;
  #durable = 0;
  readonly #nextSeq;
  readonly #insert;
  readonly #after;
  readonly #delete;
  readonly #count;

  /** @param maskOf what hides the secrets of a task's owner, as far as they are known now. */
  constructor(state: StateStore, maskOf: (taskId: TaskId) => SecretMask) {
    this.#state = state;
    this.#maskOf = maskOf;
    this.#nextSeq = state.sql.prepare("UPDATE task SET last_seq = last_seq + 1 WHERE task_id = ? RETURNING last_seq");
    this.#insert = state.sql.prepare("INSERT INTO outbox (task_id, seq, record) VALUES (?, ?, ?)");
    this.#after = state.sql.prepare(
      // SQLite plans a statement anew each time that a bare `LIMIT ?` is bound.
      "SELECT position, record FROM outbox WHERE position > ? AND position <= ? ORDER BY position LIMIT ? + 0",
    );
    this.#delete = state.sql.prepare("DELETE FROM outbox WHERE task_id = ? AND seq <= ?");
    this.#stored = positionSchema.parse(
      state.sql.prepare("SELECT coalesce(max(position), 0) AS position FROM outbox").get(),
    ).position;
    state.onSync(() => {
      const upTo = this.#stored;
      return () => {
        this.#durable = upTo;
      };
    });
    this.#count = state.sql.prepare("SELECT count(*) AS last_seq FROM outbox WHERE task_id = ?");
  }

  /** Numbers and stores an event of a task that has a record. Only within a change of the state database. */
  append(taskId: TaskId, event: NodeTaskEvent): void {
    if (this.#silenced.has(taskId)) return;
    const parsed = nodeTaskEventSchema.safeParse(maskEvent(event, this.#maskOf(taskId)));
    if (!parsed.success) {
      // The control plane would refuse it for ever and everything behind it.
      logFact("event_not_of_protocol", { taskId, type: event.type, why: z.prettifyError(parsed.error) });
      return;
    }
    const seq = seqSchema.parse(this.#nextSeq.get(taskId)).last_seq;
    const record = JSON.stringify({ taskId, seq, observedAt: Date.now(), event: parsed.data });
    this.#stored = Number(this.#insert.run(taskId, seq, record).lastInsertRowid);
  }

  /** The events after a position that are on the disk, in the order in which they were stored. */
  after(position: number, limit: number): OutboxRow[] {
    if (position >= this.#durable) return [];
    return this.#after.all(position, this.#durable, limit).map((row) => rowSchema.parse(row));
  }

  /** An acknowledgement may be lost (the events are then sent again), so it waits for the next write to the disk. */
  acknowledge(taskId: TaskId, seq: number): void {
    if (seq <= (this.#acknowledged.get(taskId) ?? 0)) return;
    this.#acknowledged.set(taskId, seq);
  }

  get hasAcknowledgements(): boolean {
    return this.#acknowledged.size > 0;
  }

  /** Removes what was acknowledged. @returns the tasks of which nothing is left. Only within a change. */
  settle(): TaskId[] {
    const emptied: TaskId[] = [];
    for (const [taskId, seq] of this.#acknowledged) {
      this.#delete.run(taskId, seq);
      if (!this.hasUnacknowledged(taskId)) emptied.push(taskId);
    }
    this.#acknowledged.clear();
    return emptied;
  }

  hasUnacknowledged(taskId: TaskId): boolean {
    return seqSchema.parse(this.#count.get(taskId)).last_seq > 0;
  }

  /** The task begins anew here: its events are numbered from 1, and none of before is sent any more. Only within a change. */
  restart(taskId: TaskId): void {
    this.#silenced.delete(taskId);
    this.#acknowledged.delete(taskId);
    this.#state.sql.prepare("DELETE FROM outbox WHERE task_id = ?").run(taskId);
    this.#state.sql.prepare("UPDATE task SET last_seq = 0 WHERE task_id = ?").run(taskId);
  }

  /** From now on nothing is said about this task. Only within a change. */
  silence(taskId: TaskId): void {
    this.#silenced.add(taskId);
    this.#state.sql.prepare("DELETE FROM outbox WHERE task_id = ?").run(taskId);
  }
}
