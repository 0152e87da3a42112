/**
 * Old installations are other versions of an agent. One is removed when nobody asked for it for a week and no process of
 * this machine runs from it: another checkout of SAM may share the cache and want another version.
 */
import { readdirSync, readlinkSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { nullIfMissing } from "../errno.ts";
import { readProcFile } from "../process/process-table.ts";
import { removeFolder } from "../workspace/remove-folder.ts";
import { leftovers, lockPath, takeAway } from "./agent-cache.ts";
import { tryLock } from "./install-lock.ts";
import { stampName } from "./installation.ts";

export const keptMs = 7 * 24 * 3_600_000;

/** Removes what nobody needs, unless somebody installs this agent at the moment. `current` is left as it is. */
export async function removeOld(cache: string, agentId: string, current: string, nowMs: number): Promise<void> {
  const others = await oldVersions(cache, agentId, current, nowMs);
  if (others.length === 0 && (await leftovers(cache, agentId)).length === 0) return;
  const lock = tryLock(lockPath(cache, agentId));
  if (lock === null) return;
  try {
    for (const left of await leftovers(cache, agentId)) await removeFolder(left);
    for (const folder of await oldVersions(cache, agentId, current, nowMs)) await takeAway(cache, agentId, folder);
  } finally {
    lock.release();
  }
}

async function oldVersions(cache: string, agentId: string, current: string, nowMs: number): Promise<string[]> {
  const names = await readdir(cache);
  const folders = names.filter((name) => name.startsWith(`${agentId}@`)).map((name) => join(cache, name));
  return folders.filter((folder) => folder !== current && isForgotten(folder, nowMs) && !isInUse(folder));
}

function isForgotten(folder: string, nowMs: number): boolean {
  const stats = nullIfMissing(() => statSync(join(folder, stampName))) ?? nullIfMissing(() => statSync(folder));
  return stats !== null && nowMs - stats.mtimeMs > keptMs;
}

/** A program of it is being run, or is named to a program that runs it. */
function isInUse(folder: string): boolean {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.some((pid) => {
    if (readProcFile(Number(pid), "cmdline")?.includes(`${folder}/`) === true) return true;
    return programOf(pid)?.startsWith(`${folder}/`) === true;
  });
}

function programOf(pid: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    // It has ended, or is another user's.
    return null;
  }
}
