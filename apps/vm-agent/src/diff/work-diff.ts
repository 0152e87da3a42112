/**
 * The diff of a task's work against the commit that it began from: committed, uncommitted and new files alike. It is made
 * with the vault, so nothing that the workspace configures is run; and it fits into one event: of the patches as many as
 * there is room for, the shortest first.
 */
import type { FileChange, WorkDiff } from "@sam/domain/diff";
import { maxDiffFiles, maxPatchLength } from "@sam/protocol/work-diff";

import { GitFailed } from "../git/git-command.ts";
import type { SecretMask } from "../secret/secret-mask.ts";
import { findDifferences, writeTree } from "../workspace/uncommitted-work.ts";
import { takeOver, vaultGit, type Vault } from "../workspace/vault.ts";
import { parseChanges, type ChangedFile } from "./file-changes.ts";
import { PatchSections } from "./patch-sections.ts";

/** In bytes of JSON; together they leave room in a frame for its envelope. */
const maxFileListBytes = 120 * 1024;
const maxPatchBytes = 220 * 1024;

const diffArgs = ["-r", "-M", "--no-ext-diff", "--no-textconv", "--no-color"];

/** @returns the diff of the working tree as it is now. @throws GitFailed */
export async function diffOfWorkspace(vault: Vault, mask: SecretMask): Promise<WorkDiff> {
  const taken = await takeOver(vault);
  const differences = await findDifferences(vault, taken);
  const tree = differences.length === 0 ? taken.headCommit : await writeTree(vault, differences);
  return await diffOfTree(vault, tree, mask);
}

/** @param tree or a commit. @throws GitFailed */
export async function diffOfTree(vault: Vault, tree: string, mask: SecretMask): Promise<WorkDiff> {
  const { baseCommit } = vault;
  const changed = await changedFiles(vault, tree);
  if (changed.length === 0) return { baseCommit, files: [], patch: "", leftOutFiles: [] };
  const patches = await patchesOf(vault, tree, changed);
  const listed = fitting(changed, maxFileListBytes);
  const texts = listed.map((_, index) => {
    const text = patches[index] ?? null;
    return text === null ? null : mask.mask(text);
  });
  const kept = shortestFirst(texts);
  return {
    baseCommit,
    files: listed.map(withoutSections),
    patch: texts.filter((_, index) => kept.has(index)).join(""),
    leftOutFiles: listed.flatMap(({ path }, index) => (kept.has(index) ? [] : [path])),
  };
}

async function changedFiles(vault: Vault, tree: string): Promise<ChangedFile[]> {
  const args = ["diff-tree", ...diffArgs, "-z", "--raw", "--numstat", vault.baseCommit, tree];
  const outcome = await vaultGit(vault, { args });
  if (outcome.exitCode !== 0) throw new GitFailed("git diff-tree", outcome);
  return parseChanges(outcome.stdout);
}

/** @returns the patch of each file; null where it is too long by itself. */
async function patchesOf(vault: Vault, tree: string, changed: readonly ChangedFile[]): Promise<(string | null)[]> {
  const sections = new PatchSections(maxPatchBytes);
  const prefixes = ["--src-prefix=a/", "--dst-prefix=b/"];
  const outcome = await vaultGit(vault, {
    args: ["-c", "core.quotePath=false", "diff-tree", "-p", ...diffArgs, ...prefixes, vault.baseCommit, tree],
    onStdout: (chunk) => sections.push(chunk),
  });
  if (outcome.exitCode !== 0) throw new GitFailed("git diff-tree", outcome);
  const texts = sections.end();
  let next = 0;
  return changed.map(({ sections: count }) => {
    const own = texts.slice(next, next + count);
    next += count;
    return own.length < count || own.includes(null) ? null : own.join("");
  });
}

function fitting(files: readonly ChangedFile[], maxBytes: number): readonly ChangedFile[] {
  let bytes = 0;
  const end = files.findIndex((file) => {
    bytes += jsonBytes(file) + 1;
    return bytes > maxBytes;
  });
  return files.slice(0, Math.min(maxDiffFiles, end === -1 ? files.length : end));
}

/** @returns the places of those that have room together. */
function shortestFirst(texts: readonly (string | null)[]): ReadonlySet<number> {
  const sized = texts.flatMap((text, index) => (text === null ? [] : [{ index, text, bytes: jsonBytes(text) }]));
  const kept = new Set<number>();
  let bytes = 0;
  let length = 0;
  for (const each of sized.toSorted((left, right) => left.bytes - right.bytes)) {
    bytes += each.bytes;
    length += each.text.length;
    if (bytes > maxPatchBytes || length > maxPatchLength) break;
    kept.add(each.index);
  }
  return kept;
}

function withoutSections({ sections: _, ...file }: ChangedFile): FileChange {
  return file;
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
