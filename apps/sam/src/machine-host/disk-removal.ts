/** Removing a server's disk: all of it, also what was made read-only in it, and nothing that a link in it leads to. */
import { chmod, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { errnoOf } from "./errno.ts";

/** Throws the system's error for what can't be removed. */
export async function removeTree(directory: string): Promise<void> {
  try {
    await rm(directory, { recursive: true, force: true });
  } catch (error) {
    if (errnoOf(error) !== "EACCES" && errnoOf(error) !== "EPERM") throw error;
    // Package caches (Go's, for one) make their directories read-only, and then an ordinary user can't empty them.
    await makeWritable(directory);
    await rm(directory, { recursive: true, force: true });
  }
}

async function makeWritable(directory: string): Promise<void> {
  await chmod(directory, 0o700);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(join(directory, entry.name));
  }
}
