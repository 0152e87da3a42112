/** Taking hold of a data directory: the lock, or a clear answer to who has it. */
import type { DataDirectory } from "../data-directory/data-directory.ts";
import { readFileIfThere, replaceFile } from "../data-directory/files.ts";
import { acquireLock, type HeldLock } from "../data-directory/lock.ts";
import { readRunRecord } from "../data-directory/run-record.ts";
import { UsageError } from "../exit-code.ts";

/** Another process holds the data directory. */
export class DirectoryHeld extends UsageError {}

export function holdDataDirectory(directory: DataDirectory): HeldLock {
  const lock = acquireLock(directory.lock);
  if (lock === null) throw new DirectoryHeld(describeHolder(directory));
  replaceFile(directory.holder, `${process.pid}\n`);
  return lock;
}

function describeHolder(directory: DataDirectory): string {
  const record = readRunRecord(directory);
  const pid = record?.pid ?? readFileIfThere(directory.holder)?.trim() ?? "unknown";
  const where = record === null ? "which is still starting or stopping" : `SAM on port ${record.port}, ${record.url}`;
  return (
    `The data directory ${directory.path} is in use by process ${pid} (${where}). Nothing was started. ` +
    `Use that one, stop it with \`sam down\`, or choose another directory with --data-dir.`
  );
}
