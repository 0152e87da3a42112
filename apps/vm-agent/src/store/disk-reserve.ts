/**
 * The reserve is room inside the database's own two files, so that events can still be written when the disk is full:
 * free pages in the main file, and a write-ahead log that was once as long. A ballast file, freed in need, would be taken
 * at once by whoever filled the disk; room inside these files is nobody else's.
 */
import type { DatabaseSync } from "node:sqlite";

import { logFact } from "../log.ts";

const reserveBytes = 4 * 1024 * 1024;
const rowBytes = 64 * 1024;

/** Makes the reserve, or fills it up once less than half is left. @returns whether it is there. */
export function ensureReserve(database: DatabaseSync): boolean {
  if (freeBytes(database) >= reserveBytes / 2) return true;
  try {
    database.exec("BEGIN IMMEDIATE");
    const insert = database.prepare("INSERT INTO reserve (filler) VALUES (zeroblob(?))");
    for (let bytes = 0; bytes < reserveBytes; bytes += rowBytes) insert.run(rowBytes);
    database.exec("COMMIT");
    // The log is not cut when it has been copied into the main file; its length is the second half of the reserve.
    database.exec("DELETE FROM reserve");
    database.exec("PRAGMA wal_checkpoint(FULL)");
    return true;
  } catch {
    if (database.isTransaction) database.exec("ROLLBACK");
    logFact("no_disk_reserve", { wantedBytes: reserveBytes });
    return false;
  }
}

function freeBytes(database: DatabaseSync): number {
  return numberOf(database, "freelist_count") * numberOf(database, "page_size");
}

function numberOf(database: DatabaseSync, pragma: string): number {
  const value = Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0];
  return typeof value === "number" ? value : 0;
}
