/**
 * The `.git` of a workspace belongs to its agent. It is read here as data, file by file: no git command of ours runs with
 * it, so whatever its configuration, hooks or attributes say is never carried out, and a link leads nowhere.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { errnoOf } from "../errno.ts";

export interface UntrustedRefs {
  /** The commit that HEAD means, or null where it can't be told. */
  readonly head: string | null;
  /** The full name of the branch that HEAD is attached to. */
  readonly headRef: string | null;
  /** `refs/heads/*` and `refs/stash` to object ids. */
  readonly refs: ReadonlyMap<string, string>;
  /** Every stash, oldest first: of all but the newest only the log of `refs/stash` knows. */
  readonly stashes: readonly string[];
}

const maxSmallBytes = 4_096;
const maxPackedBytes = 64 * 1024 * 1024;
const maxRefs = 20_000;
const maxDepth = 20;
const maxStashes = 100;
const objectId = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/** Whether the folder is there at all, and is a folder and no link. */
export function isRealFolder(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isDirectory() === true;
}

export function readUntrustedRefs(gitDir: string): UntrustedRefs {
  const texts = new Map([...packedRefs(gitDir), ...looseRefs(gitDir)]);
  const head = readRegularFile(join(gitDir, "HEAD"), maxSmallBytes)?.toString("utf8").trim() ?? "";
  const refs = new Map<string, string>();
  for (const name of texts.keys()) {
    const id = resolveRef(name, texts);
    if (id !== null) refs.set(name, id);
  }
  const target = symbolicTarget(head);
  return {
    head: target === null ? (objectId.test(head) ? head : null) : resolveRef(target, texts),
    headRef: target,
    refs,
    stashes: [...new Set([...stashLog(gitDir), refs.get("refs/stash") ?? ""])].filter((id) => id !== ""),
  };
}

/** Lines are `<old id> <new id> <who and why>`. */
function stashLog(gitDir: string): string[] {
  const inFolders = ["logs", "logs/refs"].every((name) => isRealFolder(join(gitDir, name)));
  const log = inFolders ? readRegularFile(join(gitDir, "logs/refs/stash"), maxPackedBytes) : null;
  const ids = (log?.toString("latin1") ?? "").split("\n").map((line) => line.split(" ")[1] ?? "");
  return ids.filter((id) => objectId.test(id)).slice(-maxStashes);
}

/** @returns the bytes of a regular file, never following a link or waiting for a pipe; null for anything else. */
export function readRegularFile(path: string, maxBytes: number): Buffer | null {
  return readRegular(path, maxBytes)?.bytes ?? null;
}

/** The same with the time at which it was written. */
export function readRegular(path: string, maxBytes: number): { bytes: Buffer; writtenAt: Date } | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return null;
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size > maxBytes) return null;
    return { bytes: readFileSync(descriptor), writtenAt: stats.mtime };
  } finally {
    closeSync(descriptor);
  }
}

function packedRefs(gitDir: string): [string, string][] {
  const text = readRegularFile(join(gitDir, "packed-refs"), maxPackedBytes)?.toString("utf8") ?? "";
  return text.split("\n").flatMap((line): [string, string][] => {
    const [id = "", name = ""] = line.split(" ");
    return isOurs(name) && objectId.test(id) ? [[name, id]] : [];
  });
}

function looseRefs(gitDir: string): [string, string][] {
  const found: [string, string][] = [];
  const walk = (name: string, depth: number): void => {
    if (found.length >= maxRefs || depth > maxDepth || !isRealFolder(join(gitDir, name))) return;
    for (const entry of readdirSync(join(gitDir, name), { withFileTypes: true })) {
      if (entry.isDirectory()) walk(`${name}/${entry.name}`, depth + 1);
      else read(`${name}/${entry.name}`);
    }
  };
  const read = (name: string): void => {
    const text = readRegularFile(join(gitDir, name), maxSmallBytes)?.toString("utf8").trim();
    if (text !== undefined && !name.endsWith(".lock")) found.push([name, text]);
  };
  if (isRealFolder(join(gitDir, "refs"))) {
    walk("refs/heads", 0);
    read("refs/stash");
  }
  return found;
}

function isOurs(name: string): boolean {
  return name.startsWith("refs/heads/") || name === "refs/stash";
}

function symbolicTarget(text: string): string | null {
  return /^ref: (refs\/\S+)$/.exec(text)?.[1] ?? null;
}

function resolveRef(name: string, texts: ReadonlyMap<string, string>): string | null {
  let text = texts.get(name) ?? "";
  for (let hops = 0; hops < 5; hops += 1) {
    if (objectId.test(text)) return text;
    text = texts.get(symbolicTarget(text) ?? "") ?? "";
  }
  return null;
}
