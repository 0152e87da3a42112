/**
 * The lock on a data directory. It is SQLite's own exclusive lock on a file: the kernel lets go of it when its holder
 * dies, however it dies, so it is never stale; and no child process inherits it.
 */
import type * as NodeSqlite from "node:sqlite";

import { z } from "zod";

export interface HeldLock {
  release(): void;
}

const sqliteBusy = 5;
const sqliteErrorSchema = z.object({ code: z.literal("ERR_SQLITE_ERROR"), errcode: z.number() });

/**
 * @param waitMs how long to wait for a holder that merely looks whether it is held.
 * @returns the lock, or null where another process holds it. Throws where the file cannot be opened.
 */
export function acquireLock(path: string, waitMs = 300): HeldLock | null {
  // Loaded where a lock is wanted: most commands want none.
  const { DatabaseSync }: typeof NodeSqlite = process.getBuiltinModule("node:sqlite");
  const database = new DatabaseSync(path, { timeout: waitMs });
  try {
    // With the journal in memory an exclusive transaction writes nothing, so a full disk cannot keep SAM from starting.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    const sqlite = sqliteErrorSchema.safeParse(error);
    if (sqlite.success && sqlite.data.errcode === sqliteBusy) return null;
    throw error;
  }
  return { release: () => database.close() };
}

/** @returns whether some process holds the lock at this moment. */
export function isLocked(path: string): boolean {
  const lock = acquireLock(path, 0);
  lock?.release();
  return lock === null;
}
