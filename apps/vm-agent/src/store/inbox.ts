/**
 * The inbox holds every command by its id: received (on disk, so acknowledged), running (its effect has begun and must
 * not begin a second time), done. `void_task` is kept here like a command, since it must be carried out as surely.
 */
import type { TaskId } from "@sam/domain/ids";
import { taskIdSchema, workspaceIdSchema } from "@sam/protocol/ids";
import { nodeCommandSchema } from "@sam/protocol/node-command";
import { z } from "zod";

import { logFact } from "../log.ts";
import type { StateStore } from "./state-database.ts";

const bodySchema = z.union([
  nodeCommandSchema.shape.body,
  z.object({ type: z.literal("void_task"), workspaceId: workspaceIdSchema }),
]);
export type InboxBody = z.infer<typeof bodySchema>;

/** A text column that holds JSON of the given shape. */
function jsonOf<Schema extends z.ZodType>(schema: Schema) {
  return z
    .string()
    .transform((text, context) => {
      try {
        const json: unknown = JSON.parse(text);
        return json;
      } catch {
        context.addIssue({ code: "custom", message: "must be JSON" });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

const rowSchema = z.object({
  command_id: z.string(),
  task_id: taskIdSchema,
  body: jsonOf(bodySchema),
  received_at: z.number().int(),
  state: z.enum(["received", "running"]),
  progress: jsonOf(z.array(z.string())),
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

  constructor(state: StateStore) {
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
    return this.#open.all().flatMap((raw) => parseRow(raw) ?? []);
  }

  /** Forgets the ids of commands that were done and are older than `before`. Only within a change. */
  purge(before: number): void {
    this.#purge.run(before);
  }
}

/** One row that can't be read, written by another version perhaps, must not keep the others from being done. */
function parseRow(raw: unknown): InboxCommand | null {
  const parsed = rowSchema.safeParse(raw);
  if (!parsed.success) {
    logFact("command_unreadable", { why: z.prettifyError(parsed.error) });
    return null;
  }
  const { command_id: commandId, task_id: taskId, received_at: receivedAt, body, state, progress } = parsed.data;
  return { commandId, taskId, receivedAt, body, state, progress };
}
