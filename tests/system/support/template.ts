/**
 * A data directory to start from: migrated once, stopped, and its D1 given a trigger that counts what is written to the
 * rows of tasks. Each system gets a copy.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { launch } from "./launcher.ts";

/** A change of a task's row in D1, in the order in which they were made. */
export interface RowChange {
  readonly version: number;
  readonly step: string;
}

const counting = `
  CREATE TABLE test_row_changes (id INTEGER PRIMARY KEY, task_id TEXT, version INTEGER, step TEXT);
  CREATE TRIGGER test_inserts AFTER INSERT ON tasks BEGIN
    INSERT INTO test_row_changes (task_id, version, step) VALUES (new.task_id, new.version, new.step);
  END;
  CREATE TRIGGER test_updates AFTER UPDATE ON tasks BEGIN
    INSERT INTO test_row_changes (task_id, version, step) VALUES (new.task_id, new.version, new.step);
  END;
`;

let template: Promise<string> | null = null;

/** Fills an empty folder with a data directory that was started once. */
export async function fillDataDirectory(path: string): Promise<void> {
  template ??= makeTemplate();
  cpSync(await template, path, { recursive: true });
}

/** @returns what the trigger wrote down of one task. The control plane may be running. */
export function rowChanges(dataDirectory: string, taskId: string): readonly RowChange[] {
  const database = new DatabaseSync(databaseFile(dataDirectory), { readOnly: true });
  try {
    const rows = database
      .prepare("SELECT version, step FROM test_row_changes WHERE task_id = ? ORDER BY id")
      .all(taskId);
    return rows.map((row) => ({ version: Number(row["version"]), step: String(row["step"]) }));
  } finally {
    database.close();
  }
}

/** Writes a task's row as a projection that is repeated would; for the canary of the trigger. */
export function overwriteRow(dataDirectory: string, taskId: string): void {
  const database = new DatabaseSync(databaseFile(dataDirectory));
  try {
    const columns = database.prepare("SELECT name, type FROM pragma_table_info('tasks')").all();
    const values = columns.map(({ name, type }) =>
      name === "task_id" ? `'${taskId}'` : type === "integer" ? "1" : "''",
    );
    const row = `INSERT INTO tasks VALUES (${values.join(", ")}) ON CONFLICT (task_id) DO UPDATE SET step = excluded.step`;
    database.exec(row);
  } finally {
    database.close();
  }
}

async function makeTemplate(): Promise<string> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "sam-template-")));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const launcher = await launch({ dataDirectory: folder, port: null, environment: {} });
  launcher.signal("SIGTERM");
  await launcher.ended;
  const database = new DatabaseSync(databaseFile(folder));
  database.exec(counting);
  database.close();
  return folder;
}

/** @returns the rows that a query finds in D1. The control plane may be running. */
export function rowsOfD1(dataDirectory: string, query: string): readonly Readonly<Record<string, unknown>>[] {
  const database = new DatabaseSync(databaseFile(dataDirectory), { readOnly: true, timeout: 2_000 });
  try {
    return database.prepare(query).all();
  } finally {
    database.close();
  }
}

/** The one file below `state/` that has a table of tasks with owners: Miniflare names it by a hash. */
function databaseFile(dataDirectory: string): string {
  const state = join(dataDirectory, "state");
  const files = readdirSync(state, { recursive: true, encoding: "utf8" }).filter((name) => /d1.*\.sqlite$/i.test(name));
  const found = files.map((name) => join(state, name)).find((file) => existsSync(file) && hasTasks(file));
  if (found === undefined) throw new Error(`no D1 below ${state}: ${files.join(", ")}`);
  return found;
}

function hasTasks(file: string): boolean {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'tasks'").get() !== undefined;
  } finally {
    database.close();
  }
}
