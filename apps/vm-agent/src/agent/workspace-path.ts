/** Where a path really leads, and whether that is inside of a workspace: with every link on the way resolved. */
import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative } from "node:path";

import { errnoOf } from "../errno.ts";

/**
 * Resolves the longest part of the path that is there; the rest need not be there yet.
 * @returns null for a link that leads nowhere: writing would follow it.
 */
export async function realPath(path: string): Promise<string | null> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT" || dirname(path) === path) throw error;
    if (await isLink(path)) return null;
    const parent = await realPath(dirname(path));
    return parent === null ? null : join(parent, basename(path));
  }
}

/** @returns the way from the workspace to a real path, empty for the workspace itself; null where it leads out. */
export async function wayInside(workspace: string, real: string): Promise<string | null> {
  const way = relative(await realpath(workspace), real);
  return way === ".." || way.startsWith("../") || isAbsolute(way) ? null : way;
}

async function isLink(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => null);
  return stats?.isSymbolicLink() === true;
}
