/**
 * The lock on the installation of one agent in one cache. It is SQLite's own exclusive lock on a file: the kernel lets go
 * of it when its holder dies, however it dies, so it is never stale; and no child process inherits it.
 */
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

import { z } from "zod";

const sqliteBusy = 5;
const busySchema = z.object({ code: z.literal("ERR_SQLITE_ERROR"), errcode: z.literal(sqliteBusy) });
const lookMs = 200;

interface HeldLock {
  release(): void;
}

/** @returns null where another one holds it, in this process or in another. */
export function tryLock(path: string): HeldLock | null {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // With the journal in memory an exclusive transaction writes nothing, so a full disk is no obstacle.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (busySchema.safeParse(error).success) return null;
    throw error;
  }
  return { release: () => database.close() };
}

/**
 * Runs `work` under the lock.
 * @throws the signal's reason where it is aborted while waiting.
 */
export async function withInstallLock<Result>(
  path: string,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  let lock = tryLock(path);
  while (lock === null) {
    signal.throwIfAborted();
    await sleep(lookMs);
    lock = tryLock(path);
  }
  try {
    signal.throwIfAborted();
    return await work();
  } finally {
    lock.release();
  }
}
