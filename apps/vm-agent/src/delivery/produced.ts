/** What a task produced: the commits that its base does not have, and the difference between the base's tree and its own. */
import type { ProducedVerdict } from "@sam/domain/verdicts";

import { vaultText, type Vault } from "../workspace/vault.ts";

/** Renames count as git counts them: one file. Commits that change nothing in sum produce nothing. */
export async function measureProduced(vault: Vault, headCommit: string): Promise<ProducedVerdict> {
  if (headCommit === vault.baseCommit) {
    return { holds: false, commits: 0, files: 0, insertions: 0, deletions: 0, headCommit };
  }
  const [count, numbers] = await Promise.all([
    vaultText(vault, { args: ["rev-list", "--count", headCommit, `^${vault.baseCommit}`] }),
    vaultText(vault, {
      args: [
        "diff-tree",
        "-r",
        "-z",
        "-M",
        "--numstat",
        "--no-ext-diff",
        "--no-textconv",
        vault.baseCommit,
        headCommit,
      ],
    }),
  ]);
  const commits = Number(count.trim());
  const sums = sumNumstat(numbers);
  return { holds: commits > 0 && sums.files > 0, commits, ...sums, headCommit };
}

/** Records are `<added> TAB <removed> TAB <path> NUL`; of a rename the path is empty and two paths follow. */
export function sumNumstat(text: string): Pick<ProducedVerdict, "files" | "insertions" | "deletions"> {
  const sums = { files: 0, insertions: 0, deletions: 0 };
  const fields = text.split("\0");
  for (let index = 0; index < fields.length; index += 1) {
    const match = /^(\d+|-)\t(\d+|-)\t(.*)$/s.exec(fields[index] ?? "");
    if (match === null) continue;
    const [, added = "0", removed = "0", path = ""] = match;
    sums.files += 1;
    // A dash stands for a binary file, which has no lines.
    sums.insertions += added === "-" ? 0 : Number(added);
    sums.deletions += removed === "-" ? 0 : Number(removed);
    if (path === "") index += 2;
  }
  return sums;
}
