/** Removal of a folder that somebody else filled: links are not followed, and folders without write permission are opened. */
import { chmodSync, existsSync, lstatSync, readdirSync, renameSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import { errnoOf } from "../errno.ts";

/** Removes whatever stands at `path`. Nothing there is fine. @throws the system's error where something remains. */
export async function removeFolder(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== "EACCES" && errno !== "EPERM" && errno !== "ENOTEMPTY") throw error;
    openFolders(path);
    await rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
  }
}

/** Takes a workspace out of its place in one step, then removes it: half of one is never taken for a whole one. */
export async function removeByRenaming(path: string, unfinished: string): Promise<void> {
  await removeFolder(unfinished);
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) renameSync(path, unfinished);
  await removeFolder(unfinished);
  if (existsSync(path)) throw new Error(`${path} is there again`);
}

/** A package manager's cache, for one, is written read-only. */
function openFolders(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  chmodSync(path, 0o700);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) openFolders(join(path, entry.name));
  }
}
