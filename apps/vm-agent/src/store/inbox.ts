/**
 * The inbox holds every command by its id: received (on disk, so acknowledged), running (its effect has begun and must
 * not begin a second time), done. `void_task` is kept here like a command, since it must be carried out as surely.
 */
import type { TaskId } from "@sam/domain/ids";
import { taskIdSchema, workspaceIdSchema } from "@sam/protocol/ids";
import { nodeCommandSchema } from "@sam/protocol/node-command";
import { z } from "zod";

import type { StateDatabase } from "./state-database.ts";

const bodySchema = z.union([
  nodeCommandSchema.shape.body,
  z.object({ type: z.literal("void_task"), workspaceId: workspaceIdSchema }),
]);
export type InboxBody = z.infer<typeof bodySchema>;

const rowSchema = z.object({
  command_id: z.string(),
  task_id: taskIdSchema,
  body: z.string(),
  received_at: z.number().int(),
  state: z.enum(["received", "running"]),
  progress: z.string(),
});

export interface InboxCommand {
  readonly commandId: string;
  readonly taskId: TaskId;
  readonly body: InboxBody;
  /** Milliseconds since 1970, by this node's clock. */
  readonly receivedAt: number;
  readonly state: "received" | "running";
  /** Parts that need not be reported again, by name. */
  readonly progress: readonly string[];
}

export class Inbox {
  readonly #insert;
  readonly #setState;
  readonly #setProgress;
  readonly #open;
  readonly #purge;

  constructor(state: StateDatabase) {
    const { sql } = state;
    this.#insert = sql.prepare(
      "INSERT INTO inbox (command_id, task_id, body, received_at, state) VALUES (?, ?, ?, ?, 'received') ON CONFLICT DO NOTHING",
    );
    this.#setState = sql.prepare(
      "UPDATE inbox SET state = ?1, body = CASE WHEN ?1 = 'done' THEN NULL ELSE body END WHERE command_id = ?2",
    );
    this.#setProgress = sql.prepare("UPDATE inbox SET progress = ? WHERE command_id = ?");
    this.#open = sql.prepare("SELECT * FROM inbox WHERE state <> 'done' ORDER BY position");
    this.#purge = sql.prepare("DELETE FROM inbox WHERE state = 'done' AND received_at < ?");
  }

  /** @returns false where the command was received before. Only within a change of the state database. */
  receive(command: Pick<InboxCommand, "commandId" | "taskId" | "body">, now: number): boolean {
    const { commandId, taskId, body } = command;
    return this.#insert.run(commandId, taskId, JSON.stringify(body), now).changes > 0;
  }

  /** Its effect begins. Only within a change. */
  begin(commandId: string): void {
    this.#setState.run("running", commandId);
  }

  /** Nothing is left to do for it; only its id is kept. Only within a change. */
  finish(commandId: string): void {
    this.#setState.run("done", commandId);
  }

  /** Only within a change. */
  noteProgress(commandId: string, progress: readonly string[]): void {
    this.#setProgress.run(JSON.stringify(progress), commandId);
  }

  /** What is not done yet, in the order of receipt. */
  unfinished(): InboxCommand[] {
    return this.#open.all().map((raw) => {
      const row = rowSchema.parse(raw);
      return {
        commandId: row.command_id,
        taskId: row.task_id,
        body: bodySchema.parse(JSON.parse(row.body)),
        receivedAt: row.received_at,
        state: row.state,
        progress: z.array(z.string()).parse(JSON.parse(row.progress)),
      };
    });
  }

  /** Forgets the ids of commands that were done and are older than `before`. Only within a change. */
  purge(before: number): void {
    this.#purge.run(before);
  }
}
