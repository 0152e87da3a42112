/** The file of a task's runner, read from the disk: what is durable of it, even where the control plane stands still. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { taskSteps, type TaskStep } from "@sam/domain/task-lifecycle";
import { z } from "zod";

const factsSchema = z.object({ request: z.object({ taskId: z.string() }), step: z.enum(taskSteps) });

/** @returns the step that the runner has written down; null where it has no file yet. */
export function stepOnDisk(dataDirectory: string, taskId: string): TaskStep | null {
  const folder = join(dataDirectory, "state/do/sam-control-TaskRunner");
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name)) : [];
  const facts = files.map((name) => readFacts(join(folder, name)));
  return facts.find((one) => one?.request.taskId === taskId)?.step ?? null;
}

function readFacts(file: string): z.infer<typeof factsSchema> | null {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const row = database.prepare("SELECT request, facts FROM facts").get();
    if (row === undefined) return null;
    const request: unknown = JSON.parse(String(row["request"]));
    const facts: unknown = JSON.parse(String(row["facts"]));
    return factsSchema.parse({ ...z.looseObject({}).parse(facts), request });
  } catch {
    // Its tables are being made.
    return null;
  } finally {
    database.close();
  }
}
