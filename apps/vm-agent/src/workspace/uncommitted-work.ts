/**
 * Uncommitted work is what differs between the working tree and HEAD: changed, removed and new files, .gitignore
 * respected. Repositories inside of the repository are left alone.
 */
import { utimesSync } from "node:fs";
import { join } from "node:path";

import { GitFailed } from "../git/git-command.ts";
import { logFact } from "../log.ts";
import { lookEverywhere } from "./blind-spots.ts";
import { resetIndex, vaultGit, vaultText, type TakenOver, type Vault } from "./vault.ts";

const statusArgs = [
  ...["status", "--porcelain=v1", "-z", "--untracked-files=all"],
  ...["--no-renames", "--ignore-submodules=all", "--no-ahead-behind"],
];

export interface Difference {
  /** As bytes of git's own form: nothing is known of their encoding. */
  readonly path: Buffer;
  /** Not in HEAD or the index. */
  readonly isUntracked: boolean;
}

/** Reads whatever file the index can't be trusted about: a change made in the second of the checkout is found too. */
export async function findDifferences(vault: Vault, taken: TakenOver): Promise<Difference[]> {
  if (taken.hasIndex) await lookEverywhere(vault);
  else await resetIndex(vault);
  const outcome = await vaultGit(vault, { args: statusArgs });
  if (outcome.exitCode === 0) return parseStatus(outcome.stdout);
  if (!taken.hasIndex) throw new GitFailed("git status", outcome);
  // The workspace's own index can't be used, or leans on files that were not taken over.
  logFact("workspace_index_unusable", { taskId: vault.taskId });
  await resetIndex(vault);
  const again = await vaultGit(vault, { args: statusArgs });
  if (again.exitCode !== 0) throw new GitFailed("git status", again);
  return parseStatus(again.stdout);
}

/** Entries are `XY <path>` and end with NUL. A new folder that is a repository of its own ends with a slash. */
export function parseStatus(bytes: Buffer): Difference[] {
  const differences: Difference[] = [];
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(0, from);
    if (end === -1) break;
    const path = bytes.subarray(from + 3, end);
    const isUntracked = bytes.toString("latin1", from, from + 2) === "??";
    if (path.length > 0 && path.at(-1) !== 0x2f) differences.push({ path, isUntracked });
    from = end + 1;
  }
  return differences;
}

export interface CommitRequest {
  /** All that there are, as found before; the files must not have changed since. */
  readonly differences: readonly Difference[];
  readonly parents: readonly string[];
  readonly message: string;
  /** Milliseconds since 1970. The same work committed again at the same time is the same commit. */
  readonly at: number;
}

/** @returns the commit of the working tree's state, or null where its tree is that of the first parent. */
export async function commitWork(vault: Vault, request: CommitRequest): Promise<string | null> {
  const [first = vault.baseCommit] = request.parents;
  const [tree, before] = await Promise.all([
    writeTree(vault, request.differences),
    vaultText(vault, { args: ["rev-parse", "--verify", `${first}^{tree}`] }),
  ]);
  if (tree === before.trim() && request.parents.length < 2) return null;
  return await commitTree(vault, tree, request);
}

/**
 * Writes the working tree's state as a tree, with the vault's own index.
 *
 * git distrusts an index about files that are as young as itself, and reads them all again at every write of it. They
 * were just read, and nobody changes them now: so the index is made to look younger. What was found to differ is taken
 * out of it first, since git would now believe that it does not.
 */
export async function writeTree(vault: Vault, differences: readonly Difference[]): Promise<string> {
  const tracked = differences.filter(({ isUntracked }) => !isUntracked);
  if (tracked.length > 0)
    await updateIndex(
      vault,
      ["--index-info"],
      tracked.map(({ path }) => [removal, path]),
    );
  const flags = ["--add", "--remove", "--replace", "--stdin"];
  if (differences.length > 0)
    await updateIndex(
      vault,
      flags,
      differences.map(({ path }) => [path]),
    );
  trustIndex(vault);
  return (await vaultText(vault, { args: ["write-tree"] })).trim();
}

/** An entry of `--index-info` with mode 0 takes the path out. */
const removal = Buffer.from(`0 ${"0".repeat(40)}\t`);

function updateIndex(vault: Vault, flags: readonly string[], records: readonly (readonly Buffer[])[]): Promise<string> {
  const nul = Buffer.from([0]);
  trustIndex(vault);
  return vaultText(vault, {
    args: ["update-index", "-z", ...flags],
    input: Buffer.concat(records.flatMap((record) => [...record, nul])),
  });
}

function trustIndex(vault: Vault): void {
  const later = new Date(Date.now() + 2_000);
  utimesSync(join(vault.folder, "index"), later, later);
}

/** @returns a commit with this tree. */
async function commitTree(vault: Vault, tree: string, request: Omit<CommitRequest, "differences">): Promise<string> {
  const { name, email } = vault.identity;
  const date = `@${Math.floor(request.at / 1000)} +0000`;
  const text = await vaultText(vault, {
    args: ["commit-tree", ...request.parents.flatMap((parent) => ["-p", parent]), "-F", "-", tree],
    input: request.message,
    env: {
      GIT_AUTHOR_NAME: name,
      GIT_AUTHOR_EMAIL: email,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: name,
      GIT_COMMITTER_EMAIL: email,
      GIT_COMMITTER_DATE: date,
    },
  });
  return text.trim();
}
