/** What the runners wrote to their own disks: each effect by its key, and when it was carried out. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import type { EffectRecord } from "@sam/domain/rules/task-record";
import { z } from "zod";

const kinds = [
  "select_node",
  "ask_node",
  "command",
  "record_workspace",
  "release_node",
  "give_up_node",
  "begin_task",
] as const;
const requestSchema = z.object({ taskId: z.string() });
const intentSchema = z.object({
  kind: z.string(),
  commandId: z.string().optional(),
  body: z.looseObject({ type: z.string(), incarnation: z.number().optional() }).optional(),
});
const rowSchema = z.object({ key: z.string(), payload: z.string(), done_at: z.number().nullable() });

/** @returns the effects of every task, by its id. What a control plane that runs has not written yet is not among them. */
export function effectsOnDisk(dataDirectory: string): ReadonlyMap<string, readonly EffectRecord[]> {
  const folder = join(dataDirectory, "state/do/sam-control-TaskRunner");
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name)) : [];
  return new Map(names.flatMap((name) => readRunner(join(folder, name))));
}

/** @returns nothing of an object that was asked after, and never begun. */
function readRunner(file: string): readonly (readonly [string, readonly EffectRecord[]])[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const found = database.prepare("SELECT request FROM facts").get();
    if (found === undefined) return [];
    const { taskId } = requestSchema.parse(JSON.parse(String(found["request"])));
    const rows = database.prepare("SELECT key, payload, done_at FROM outbox ORDER BY id").all();
    return [[taskId, rows.flatMap((row) => effectOf(rowSchema.parse(row)))]];
  } finally {
    database.close();
  }
}

/** The projection of a row is an intent too, and no effect of a decision. */
function effectOf({ key, payload, done_at: doneAt }: z.infer<typeof rowSchema>): readonly EffectRecord[] {
  const { kind, commandId, body } = intentSchema.parse(JSON.parse(payload));
  const known = kinds.find((one) => one === kind);
  if (known === undefined) return [];
  if (commandId === undefined || body === undefined) return [{ key, kind: known, doneAt }];
  const { type, incarnation } = body;
  const command = { commandId, type, ...(incarnation === undefined ? {} : { incarnation }) };
  return [{ key, kind: known, doneAt, command }];
}
