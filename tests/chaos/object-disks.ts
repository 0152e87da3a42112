/**
 * What the Durable Objects have on their own disks: each effect by its key and when it was carried out, and the alarm that
 * is set. Read beside a control plane that runs, so it is what was durable a moment ago.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import type { EffectRecord } from "@sam/domain/rules/task-record";
import { z } from "zod";

export interface ObjectOnDisk {
  readonly effects: readonly EffectRecord[];
  /** In milliseconds since 1970; null: none is set. */
  readonly alarmAt: number | null;
}

const kinds = [
  "select_node",
  "ask_node",
  "command",
  "record_workspace",
  "release_node",
  "give_up_node",
  "begin_task",
] as const;
const requestSchema = z.union([
  z.object({ taskId: z.string() }).transform(({ taskId }) => taskId),
  z.object({ nodeId: z.string() }).transform(({ nodeId }) => nodeId),
]);
const intentSchema = z.object({
  kind: z.string(),
  commandId: z.string().optional(),
  body: z.looseObject({ type: z.string(), incarnation: z.number().optional() }).optional(),
});
const rowSchema = z.object({ key: z.string(), payload: z.string(), done_at: z.number().nullable() });
const alarmSchema = z.object({ actor_id: z.string(), at: z.number() });
const busyMs = 2_000;

/** @returns every object of this class, by the id of its task or node. */
export function objectsOnDisk(
  dataDirectory: string,
  className: "TaskRunner" | "NodeLifecycle",
): ReadonlyMap<string, ObjectOnDisk> {
  const folder = join(dataDirectory, `state/do/sam-control-${className}`);
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name)) : [];
  const alarms = readAlarms(join(folder, "metadata.sqlite"));
  return new Map(
    files.flatMap((name) => {
      const found = readObject(join(folder, name));
      if (found === null) return [];
      const alarmAt = alarms.get(name.replace(".sqlite", "")) ?? null;
      return [[found.id, { effects: found.effects, alarmAt }] as const];
    }),
  );
}

/** By the object's own id, in hexadecimal; the runtime keeps them in nanoseconds. */
function readAlarms(file: string): ReadonlyMap<string, number> {
  if (!existsSync(file)) return new Map();
  const rows = read(file, "SELECT actor_id, scheduled_time / 1000000 AS at FROM _cf_ALARM");
  return new Map(rows.map((row) => alarmSchema.parse(row)).map(({ actor_id: id, at }) => [id, at]));
}

/** @returns null for an object that was asked after, and never begun. */
function readObject(file: string): { readonly id: string; readonly effects: readonly EffectRecord[] } | null {
  const [found] = read(file, "SELECT request FROM facts");
  if (found === undefined) return null;
  const id = requestSchema.parse(JSON.parse(String(found["request"])));
  const rows = read(file, "SELECT key, payload, done_at FROM outbox ORDER BY id");
  return { id, effects: rows.flatMap((row) => effectOf(rowSchema.parse(row))) };
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

function read(file: string, query: string): readonly Readonly<Record<string, unknown>>[] {
  const database = new DatabaseSync(file, { readOnly: true, timeout: busyMs });
  try {
    return database.prepare(query).all();
  } finally {
    database.close();
  }
}
