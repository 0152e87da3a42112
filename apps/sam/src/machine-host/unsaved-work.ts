/**
 * Whether work lies on a server's disk that is kept nowhere else: a workspace that still stands, or work that the VM agent
 * saved in a mirror (`refs/sam/wip/*`). The disk is the server's to write, so nothing in it is followed: only what is a
 * real folder is looked into. What cannot be looked at counts as work.
 */
import { lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { nullOn } from "./errno.ts";

const maxPackedRefsBytes = 64 * 1024 * 1024;

/** @param disk absolute; one that is not there holds nothing. */
export function holdsUnsavedWork(disk: string): boolean {
  try {
    // A name with a dot before it is a checkout under way, or one under removal.
    const workspaces = namesIn(join(disk, "workspaces")).filter((name) => !name.startsWith("."));
    return (
      workspaces.length > 0 || namesIn(join(disk, "mirrors")).some((name) => hasSaved(join(disk, "mirrors", name)))
    );
  } catch {
    return true;
  }
}

function hasSaved(mirror: string): boolean {
  if (!isRealFolder(mirror)) return false;
  return hasFile(mirror, ["refs", "sam", "wip"]) || packedRefs(mirror).includes(" refs/sam/wip/");
}

/** Whether a file lies anywhere below this folder. */
function hasFile(folder: string, [first, ...others]: readonly string[]): boolean {
  if (!isRealFolder(folder)) return false;
  if (first !== undefined) return hasFile(join(folder, first), others);
  return namesIn(folder).some((name) => !isRealFolder(join(folder, name)) || hasFile(join(folder, name), []));
}

function packedRefs(mirror: string): string {
  const path = join(mirror, "packed-refs");
  const file = nullOn(["ENOENT"], () => lstatSync(path));
  if (file === null || !file.isFile()) return "";
  if (statSync(path).size > maxPackedRefsBytes) throw new Error(`${path} is too large to be read`);
  return readFileSync(path, "utf8");
}

function namesIn(folder: string): string[] {
  return isRealFolder(folder) ? readdirSync(folder) : [];
}

function isRealFolder(path: string): boolean {
  return nullOn(["ENOENT", "ENOTDIR"], () => lstatSync(path))?.isDirectory() === true;
}
