/** The size of a tree is how many files it has and how many bytes they hold, by their lengths: what is shared counts twice. */
import type { Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

import { errnoOf } from "../errno.ts";

export interface TreeSize {
  readonly files: number;
  readonly bytes: number;
}

const nothing: TreeSize = { files: 0, bytes: 0 };

/** @returns nothing for a tree that isn't there. What comes or goes during the look may count or not. */
export async function treeSize(path: string): Promise<TreeSize> {
  const entries = await readdir(path, { withFileTypes: true }).catch(ifMissing<Dirent[]>([]));
  const sizes = await Promise.all(
    entries.map((entry) => (entry.isDirectory() ? treeSize(join(path, entry.name)) : fileSize(join(path, entry.name)))),
  );
  return sum(sizes);
}

export function sum(sizes: readonly TreeSize[]): TreeSize {
  let files = 0;
  let bytes = 0;
  for (const size of sizes) {
    files += size.files;
    bytes += size.bytes;
  }
  return { files, bytes };
}

async function fileSize(path: string): Promise<TreeSize> {
  const stats = await lstat(path).catch(ifMissing(null));
  return stats === null ? nothing : { files: 1, bytes: stats.size };
}

function ifMissing<Value>(value: Value): (error: unknown) => Value {
  return (error) => {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR") return value;
    throw error;
  };
}
