/**
 * The cache is the folder with the installations of a machine, read by all of its nodes. Names that begin with a dot are
 * never installations: the locks, what is being made, and what is being removed.
 */
import { accessSync, chmodSync, constants, mkdirSync, mkdtempSync, renameSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { messageOf } from "../clipped-text.ts";
import { errnoOf } from "../errno.ts";
import { removeFolder } from "../workspace/remove-folder.ts";
import { type InstallFailure, installFailure } from "./install-failure.ts";
import { sum, treeSize } from "./tree-size.ts";

export function lockPath(cache: string, agentId: string): string {
  return join(cache, `.${agentId}.lock`);
}

const making = (agentId: string) => `.making-${agentId}@`;
const removing = (agentId: string) => `.removing-${agentId}@`;

/** Makes the cache where it is missing. @throws InstallFailure `cache_unusable` */
export function openCache(cache: string): void {
  try {
    mkdirSync(cache, { recursive: true, mode: 0o755 });
    accessSync(cache, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw cacheUnusable(cache, error);
  }
}

/**
 * @returns a new folder to make an installation in. Each attempt has its own name: an npm that outlived its installer may
 * still write to an older one.
 */
export function makePlace(cache: string, agentId: string): string {
  try {
    return mkdtempSync(join(cache, making(agentId)));
  } catch (error) {
    throw cacheUnusable(cache, error);
  }
}

/** Puts what was made in its place, in one step. What stood there, incomplete or of another lockfile, is removed. */
export async function putInPlace(cache: string, agentId: string, made: string, folder: string): Promise<void> {
  await takeAway(cache, agentId, folder);
  // It was made for one user; it holds nothing that others may not read.
  chmodSync(made, 0o755);
  renameSync(made, folder);
}

/** Takes an installation out of its place in one step, then removes it. Nothing there is fine. */
export async function takeAway(cache: string, agentId: string, folder: string): Promise<void> {
  const away = mkdtempSync(join(cache, removing(agentId)));
  try {
    renameSync(folder, join(away, "installation"));
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
  await removeFolder(away);
}

/** @returns what an attempt that was ended in the middle left of this agent; under the lock these are nobody's. */
export async function leftovers(cache: string, agentId: string): Promise<string[]> {
  const names = await readdir(cache);
  const left = names.filter((name) => name.startsWith(making(agentId)) || name.startsWith(removing(agentId)));
  return left.map((name) => join(cache, name));
}

/** @returns how many bytes of packages attempts have put on the disk by now, whoever makes them. */
export async function bytesInTheMaking(cache: string, agentId: string): Promise<number> {
  const names = await readdir(cache);
  const folders = names.filter((name) => name.startsWith(making(agentId)));
  return sum(await Promise.all(folders.map((name) => treeSize(join(cache, name, "node_modules"))))).bytes;
}

function cacheUnusable(cache: string, error: unknown): InstallFailure {
  const code = errnoOf(error) === "ENOSPC" ? "disk_full" : "cache_unusable";
  return installFailure(code, `The folder for agents, ${cache}, can't be used (${messageOf(error)}).`, error);
}
