/** The files that an agent may read and write through us: those of its own workspace, wherever its links lead. */
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readlink } from "node:fs/promises";
import { dirname, isAbsolute } from "node:path";

import { RequestError } from "@agentclientprotocol/sdk/unstable";

import { errnoOf } from "../errno.ts";
import { realPath, wayInside } from "./workspace-path.ts";

const maxReadBytes = 16 * 1024 * 1024;

export interface ReadRequest {
  readonly path: string;
  /** The first line, from 1. */
  readonly line?: number | null | undefined;
  /** How many lines. */
  readonly limit?: number | null | undefined;
}

/** @throws RequestError for a path outside of the workspace, and where there is no such file. */
export async function readWorkspaceFile(workspace: string, request: ReadRequest): Promise<string> {
  const path = await insidePath(workspace, request.path);
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    refuse(request.path),
  );
  try {
    await requireInside(workspace, request.path, file);
    const stats = await file.stat();
    if (!stats.isFile()) throw RequestError.invalidParams({ path: request.path }, "not a regular file");
    if (stats.size > maxReadBytes)
      throw RequestError.invalidParams({ path: request.path }, `over ${maxReadBytes} bytes`);
    return someLines(await file.readFile("utf8"), request);
  } finally {
    await file.close();
  }
}

/** Makes the folders on the way. @throws RequestError for a path outside of the workspace. */
export async function writeWorkspaceFile(workspace: string, path: string, content: string): Promise<void> {
  const inside = await insidePath(workspace, path);
  await mkdir(dirname(inside), { recursive: true }).catch(refuse(path));
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(inside, flags, 0o666).catch(refuse(path));
  try {
    await requireInside(workspace, path, file);
    await file.truncate(0).catch(refuse(path));
    await file.writeFile(content).catch(refuse(path));
  } finally {
    await file.close();
  }
}

function someLines(text: string, { line, limit }: ReadRequest): string {
  if ((line === undefined || line === null) && (limit === undefined || limit === null)) return text;
  const first = Math.max(0, (line ?? 1) - 1);
  const all = text.split("\n");
  return all.slice(first, limit === undefined || limit === null ? undefined : first + limit).join("\n");
}

/** @returns where the path really leads, with every link on the way resolved; the file need not be there yet. */
async function insidePath(workspace: string, path: string): Promise<string> {
  if (!isAbsolute(path)) throw RequestError.invalidParams({ path }, "the path must be absolute");
  const real = await realPath(path).catch(refuse(path));
  if (real === null) throw RequestError.invalidParams({ path }, "a link that leads nowhere");
  const way = await wayInside(workspace, real);
  if (way === null || way === "") throw RequestError.invalidParams({ path }, "the path leads out of the workspace");
  return real;
}

/** A folder on the way may have become a link after it was looked at: where the open file really is, the kernel says. */
async function requireInside(workspace: string, path: string, { fd }: FileHandle): Promise<void> {
  const real = await readlink(`/proc/self/fd/${fd}`).catch(() => null);
  if (real === null || (await wayInside(workspace, real)) !== null) return;
  throw RequestError.invalidParams({ path }, "the path leads out of the workspace");
}

function refuse(path: string): (error: unknown) => never {
  return (error) => {
    const errno = errnoOf(error);
    if (errno === null) throw error;
    if (errno === "ENOENT") throw RequestError.resourceNotFound(path);
    throw RequestError.invalidParams({ path }, errno);
  };
}
