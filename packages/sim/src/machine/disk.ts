/** A machine's disk: the VM agent's own database, the workspaces, and what was saved. It outlives every process there. */
import { DatabaseSync, type StatementSync } from "node:sqlite";

import type { TaskId, WorkspaceId } from "@sam/domain/ids";

import { schema } from "../../../../apps/vm-agent/src/store/schema.ts";
import type { Commit } from "./remote.ts";

export interface Workspace {
  readonly workspaceId: WorkspaceId;
  taskId: TaskId;
  readonly branch: string;
  /** What it began with. */
  readonly base: readonly string[];
  /** What was made here and is in no commit yet. */
  uncommitted: string[];
  committed: string[];
  head: Commit | null;
}

/** Prepares each statement once: the VM agent's stores prepare theirs at every boot. */
class CachedDatabase extends DatabaseSync {
  readonly #statements = new Map<string, StatementSync>();

  override prepare(text: string): StatementSync {
    const known = this.#statements.get(text) ?? super.prepare(text);
    this.#statements.set(text, known);
    return known;
  }
}

/** Databases of machines that are gone are emptied and used again: to make one takes longer than a task. */
const spare: CachedDatabase[] = [];
const tables = ["inbox", "outbox", "task", "keepsake", "reserve", "saved_work", "sqlite_sequence"];

/** What is in it outlives each process, as a disk does: it is one transaction, which nobody has to commit. */
function madeNew(): CachedDatabase {
  const sql = new CachedDatabase(":memory:");
  sql.exec(schema);
  sql.exec("BEGIN");
  return sql;
}

export class MachineDisk {
  readonly sql: CachedDatabase;
  readonly workspaces = new Map<WorkspaceId, Workspace>();
  /** What was saved here, by the task whose work it is. */
  readonly mirror = new Map<TaskId, Commit>();

  constructor() {
    this.sql = spare.pop() ?? madeNew();
  }

  /** @returns whether the VM agent ever received it. */
  hasCommand(commandId: string): boolean {
    return this.sql.prepare("SELECT 1 FROM inbox WHERE command_id = ?").get(commandId) !== undefined;
  }

  /** The machine is gone, with all that was on it. */
  wipe(): void {
    for (const table of tables) this.sql.prepare(`DELETE FROM ${table}`).run();
    spare.push(this.sql);
    this.workspaces.clear();
    this.mirror.clear();
  }
}
