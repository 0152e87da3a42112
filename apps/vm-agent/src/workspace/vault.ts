/**
 * The vault of a workspace is our own git directory for it, outside of the workspace. It is configured by us alone, reads
 * the objects of the workspace and of the mirror as data, and takes the workspace's HEAD, branches and index over as data
 * too. Every git command of ours that looks at what an agent wrote runs with the vault, so the agent's configuration,
 * hooks, filters and helpers are never carried out with this node's rights.
 */
import { rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { TaskId } from "@sam/domain/ids";

import { git, gitText, type GitRequest } from "../git/git-command.ts";
import type { GitIdentity } from "../git/git-identity.ts";
import type { CommandOutcome } from "../process/run-command.ts";
import { isRealFolder, readRegular, readUntrustedRefs, type UntrustedRefs } from "./untrusted-git-dir.ts";

export interface Vault {
  /** Its git directory. */
  readonly folder: string;
  readonly workspace: string;
  readonly taskId: TaskId;
  readonly baseCommit: string;
  readonly identity: GitIdentity;
  readonly signal: AbortSignal;
}

type VaultRequest = Pick<GitRequest, "args"> &
  Partial<Pick<GitRequest, "input" | "env" | "transports" | "timeoutMs" | "onStdout">>;

const timeoutMs = 5 * 60_000;
const maxIndexBytes = 512 * 1024 * 1024;
const maxExcludeBytes = 1024 * 1024;

/** Above all others: no file of the work can say that a change is not to be shown, such as `*.js -diff`. */
const ownAttributes = "* !diff\n";

export function vaultGit(vault: Vault, request: VaultRequest): Promise<CommandOutcome> {
  return git(vaultRequest(vault, request));
}

/** @throws GitFailed */
export function vaultText(vault: Vault, request: VaultRequest): Promise<string> {
  return gitText(vaultRequest(vault, request));
}

/** The request of a command that runs with the vault on the workspace. */
export function vaultRequest(vault: Vault, request: VaultRequest): GitRequest {
  const { taskId, signal, folder, workspace } = vault;
  return {
    timeoutMs,
    taskId,
    signal,
    ...request,
    args: [`--git-dir=${folder}`, `--work-tree=${workspace}`, "--literal-pathspecs", ...request.args],
    cwd: workspace,
  };
}

export interface TakenOver extends UntrustedRefs {
  /** The commit that the working tree belongs to. */
  readonly headCommit: string;
  /** Whether the index is the workspace's own, with its memory of which files are unchanged. */
  readonly hasIndex: boolean;
}

/**
 * Takes over what the workspace's `.git` says now. Where it says nothing that can be used (it was removed, or its HEAD
 * names a commit that isn't there), the base commit stands in.
 */
export async function takeOver(vault: Vault): Promise<TakenOver> {
  const gitDir = join(vault.workspace, ".git");
  const refs = isRealFolder(gitDir) ? readUntrustedRefs(gitDir) : nothingRead;
  const headCommit = await existing(vault, refs.head);
  // Locks of ours that a power cut left; nobody else works in a vault.
  for (const name of ["index.lock", "HEAD.lock"]) rmSync(join(vault.folder, name), { force: true });
  writeFileSync(join(vault.folder, "HEAD"), `${headCommit}\n`);
  takeFile(join(gitDir, "info/exclude"), join(vault.folder, "info/exclude"), maxExcludeBytes);
  writeFileSync(join(vault.folder, "info/attributes"), ownAttributes);
  const hasIndex =
    headCommit === refs.head && takeFile(join(gitDir, "index"), join(vault.folder, "index"), maxIndexBytes);
  return { ...refs, headCommit, hasIndex };
}

const nothingRead: UntrustedRefs = { head: null, headRef: null, refs: new Map(), stashes: [] };

/** Makes the index anew from HEAD: slower, since every file must be read. */
export async function resetIndex(vault: Vault): Promise<void> {
  rmSync(join(vault.folder, "index"), { force: true });
  await vaultText(vault, { args: ["read-tree", "HEAD"] });
}

/** @returns those ids that are commits which can be read. */
export async function readableCommits(vault: Vault, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const text = await vaultText(vault, {
    args: ["cat-file", "--batch-check=%(objectname) %(objecttype)"],
    input: ids.map((id) => `${id}\n`).join(""),
  });
  return text.split("\n").flatMap((line) => /^([0-9a-f]+) commit$/.exec(line)?.[1] ?? []);
}

async function existing(vault: Vault, head: string | null): Promise<string> {
  if (head === null || head === vault.baseCommit) return vault.baseCommit;
  return (await readableCommits(vault, [head]))[0] ?? vault.baseCommit;
}

/**
 * Copies a regular file; whatever else stands there counts as nothing. The copy is as old as the original: git trusts an
 * index about a file only where the file is older than the index, and would else miss a change made in the same second.
 */
function takeFile(from: string, to: string, maxBytes: number): boolean {
  const file = readRegular(from, maxBytes);
  rmSync(to, { force: true });
  if (file === null) return false;
  writeFileSync(to, file.bytes);
  utimesSync(to, file.writtenAt, file.writtenAt);
  return true;
}
