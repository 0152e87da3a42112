/**
 * Uncommitted work is what differs between the working tree and HEAD: changed, removed and new files, .gitignore
 * respected. Repositories inside of the repository are left alone.
 */
import { lstatSync, utimesSync } from "node:fs";
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
  return parseStatus(await statusOf(vault, taken));
}

/** The same, with the repositories inside of the repository by path, as bytes: nothing of them is among the differences. */
export async function findAllWork(
  vault: Vault,
  taken: TakenOver,
): Promise<{ readonly differences: Difference[]; readonly nested: Buffer[] }> {
  const status = await statusOf(vault, taken);
  const submodules = await vaultGit(vault, { args: ["ls-files", "--stage", "-z"] });
  const populated = gitlinksIn(submodules.stdout).filter((path) => isThere(vault, path));
  return { differences: parseStatus(status), nested: [...nestedIn(status), ...populated] };
}

async function statusOf(vault: Vault, taken: TakenOver): Promise<Buffer> {
  if (taken.hasIndex) await lookEverywhere(vault);
  else await resetIndex(vault);
  const outcome = await vaultGit(vault, { args: statusArgs });
  if (outcome.exitCode === 0) return outcome.stdout;
  if (!taken.hasIndex) throw new GitFailed("git status", outcome);
  // The workspace's own index can't be used, or leans on files that were not taken over.
  logFact("workspace_index_unusable", { taskId: vault.taskId });
  await resetIndex(vault);
  const again = await vaultGit(vault, { args: statusArgs });
  if (again.exitCode !== 0) throw new GitFailed("git status", again);
  return again.stdout;
}

/** Entries are `XY <path>` and end with NUL. A new folder that is a repository of its own ends with a slash. */
export function parseStatus(bytes: Buffer): Difference[] {
  return entriesOf(bytes)
    .map((entry) => ({
      path: entry.subarray(3),
      isUntracked: entry.toString("latin1", 0, 2) === "??",
    }))
    .filter(({ path }) => path.length > 0 && path.at(-1) !== slash);
}

const slash = 0x2f;

function nestedIn(status: Buffer): Buffer[] {
  return entriesOf(status)
    .map((entry) => entry.subarray(3))
    .filter((path) => path.at(-1) === slash);
}

/** Entries are `<mode> <id> <stage> TAB <path>`; of a repository inside of the repository the mode is 160000. */
function gitlinksIn(listing: Buffer): Buffer[] {
  return entriesOf(listing)
    .filter((entry) => entry.toString("latin1", 0, 6) === "160000")
    .map((entry) => entry.subarray(entry.indexOf(0x09) + 1));
}

/** A submodule that was never checked out is an empty folder. */
function isThere({ workspace }: Vault, path: Buffer): boolean {
  const place = Buffer.concat([Buffer.from(join(workspace, "/")), path, Buffer.from("/.git")]);
  return lstatSync(place, { throwIfNoEntry: false }) !== undefined;
}

/** Cuts where a NUL ends an entry. */
function entriesOf(bytes: Buffer): Buffer[] {
  const entries: Buffer[] = [];
  for (let from = 0, end = bytes.indexOf(0); end !== -1; from = end + 1, end = bytes.indexOf(0, from)) {
    entries.push(bytes.subarray(from, end));
  }
  return entries;
}

export interface CommitRequest {
  /** All that there are, as found before; the files must not have changed since. */
  readonly differences: readonly Difference[];
  readonly parents: readonly string[];
  readonly message: string;
  /** Milliseconds since 1970. The same work committed again at the same time is the same commit. */
  readonly at: number;
}

/** @returns the commit of the working tree's state, even where its tree is that of the first parent. */
export async function commitState(vault: Vault, request: CommitRequest): Promise<string> {
  return await commitTree(vault, await writeTree(vault, request.differences), request);
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
