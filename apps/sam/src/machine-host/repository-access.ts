/**
 * Whether a server may use a repository of this machine, and as whom git then runs. It may if and only if the repository
 * was attached to it; the status tells a caller nothing about paths that were not.
 */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { access, constants } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";

import { errnoOf } from "./errno.ts";
import { runProgram } from "./program.ts";
import type { RelayStatus } from "./relay-protocol.ts";

/** A user of this machine whose place git takes. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  readonly home: string;
}

export type RepositoryAccess =
  | {
      readonly status: "ok";
      /** The repository's real path. */
      readonly directory: string;
      /** Null: as the machine host's own user. */
      readonly runAs: RunAs | null;
      /** Whether git has to be told that its owner is another one on purpose. */
      readonly isForeign: boolean;
    }
  | { readonly status: Exclude<RelayStatus, "ok">; readonly message: string };

const gitTimeoutMs = 5_000;

/** @param attached the repositories attached to the server, as absolute paths. */
export async function openRepository(requested: string, attached: readonly string[]): Promise<RepositoryAccess> {
  const real = resolveReal(requested);
  if (!attached.some((path) => isSame(path, requested, real))) {
    return { status: "not_attached", message: `${requested} is not attached to this server` };
  }
  if (typeof real === "object") return { status: statusOfErrno(real.errno), message: `${requested}: ${real.errno}` };
  try {
    const gitDirectory = findGitDirectory(real);
    if (gitDirectory === null) return { status: "not_a_repository", message: `${requested} is not a git repository` };
    await access(join(gitDirectory, "HEAD"), constants.R_OK);
    return await permit(real, statSync(gitDirectory).uid, gitDirectory);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === null) throw error;
    return { status: statusOfErrno(errno), message: `${requested}: ${errno}` };
  }
}

function resolveReal(path: string): string | { readonly errno: string } {
  try {
    return realpathSync(path);
  } catch (error) {
    return { errno: errnoOf(error) ?? "EIO" };
  }
}

function isSame(attached: string, requested: string, real: string | { readonly errno: string }): boolean {
  const plain = (path: string): string => normalize(path).replace(/(?<=.)\/+$/, "");
  if (plain(attached) === plain(requested)) return true;
  return typeof real === "string" && resolveReal(attached) === real;
}

function statusOfErrno(errno: string): "permission_denied" | "not_found" {
  return errno === "EACCES" || errno === "EPERM" ? "permission_denied" : "not_found";
}

/** @returns where HEAD, objects and refs are: for a bare repository, a checkout, or a worktree; null for none of these. */
function findGitDirectory(directory: string): string | null {
  if (!statSync(directory).isDirectory()) return null;
  const dotGit = join(directory, ".git");
  if (existsSync(dotGit)) {
    if (statSync(dotGit).isDirectory()) return isGitDirectory(dotGit) ? dotGit : null;
    const [, target] = /^gitdir: (.*)$/m.exec(readFileSync(dotGit, "utf8")) ?? [];
    return target === undefined ? null : realpathSync(join(target.startsWith("/") ? "/" : directory, target.trim()));
  }
  return isGitDirectory(directory) ? directory : null;
}

function isGitDirectory(directory: string): boolean {
  // Listed rather than looked for: that a directory can't be searched is an error, and not an absence.
  return ["HEAD", "objects", "refs"].every(
    (name) => statSync(join(directory, name), { throwIfNoEntry: false }) !== undefined,
  );
}

/**
 * Git refuses a repository of another owner, since its configuration and hooks would run as whoever uses it. So root acts
 * as the owner, which also keeps root's files out of it; where the owner can't get there, nobody but root can have
 * prepared it. An ordinary user can't act as another one and gets git's own answer.
 */
async function permit(directory: string, ownerUid: number, gitDirectory: string): Promise<RepositoryAccess> {
  const uid = process.getuid?.() ?? ownerUid;
  if (ownerUid === uid) return { status: "ok", directory, runAs: null, isForeign: false };
  if (uid === 0) {
    const owner = readUser(ownerUid);
    const reachable = isReachable(gitDirectory, owner);
    return { status: "ok", directory, runAs: reachable ? owner : null, isForeign: !reachable };
  }
  const command = ["/usr/bin/env", "git", "-C", directory, "rev-parse", "--git-dir"];
  const git = await runProgram(command, gitTimeoutMs, gitEnvironment(null));
  if (git.exitCode === 0) return { status: "ok", directory, runAs: null, isForeign: false };
  const message = `${directory} belongs to uid ${ownerUid}, and git refuses it: ${git.complaint}`;
  return { status: "permission_denied", message };
}

/** The machine host's own environment, without what would lead git elsewhere; as another user, with that one's home. */
export function gitEnvironment(runAs: RunAs | null): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(GIT_|SAM_|npm_|NODE_)/.test(name));
  const own = Object.fromEntries(inherited);
  return runAs === null
    ? own
    : { ...own, HOME: runAs.home, USER: runAs.name, LOGNAME: runAs.name, XDG_CONFIG_HOME: undefined };
}

function readUser(uid: number): RunAs {
  for (const line of readFileSync("/etc/passwd", "utf8").split("\n")) {
    const [name = "", , lineUid, gid, , home = "/"] = line.split(":");
    if (lineUid === String(uid)) return { uid, gid: Number(gid), name, home };
  }
  return { uid, gid: uid, name: String(uid), home: "/nonexistent" };
}

function isReachable(directory: string, user: RunAs): boolean {
  for (let path = directory; path !== "/"; path = dirname(path)) {
    const { mode, uid, gid } = statSync(path);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
  }
  return true;
}
