/** The files that differ between two trees, as `git diff-tree -r -z -M --raw --numstat` prints them. */
import type { FileChange } from "@sam/domain/diff";

import { clipHead } from "../clipped-text.ts";

export interface ChangedFile extends FileChange {
  /** How many sections of the patch are its own: a file that became a link is taken away and added. */
  readonly sections: number;
}

const maxPathLength = 4_096;
const statuses: Readonly<Record<string, FileChange["status"]>> = { A: "added", D: "deleted", R: "renamed" };

/** @returns one for each file, in the order of the patch. */
export function parseChanges(bytes: Buffer): ChangedFile[] {
  const fields = bytes.toString("utf8").split("\0");
  const { raw, next } = parseRaw(fields);
  const counts = parseCounts(fields.slice(next));
  return raw.map(({ letter, path, oldPath }, index) => {
    const { insertions, deletions } = counts[index] ?? { insertions: null, deletions: null };
    const status = statuses[letter] ?? "modified";
    return { path, oldPath, status, insertions, deletions, sections: letter === "T" ? 2 : 1 };
  });
}

interface RawChange {
  readonly letter: string;
  readonly path: string;
  readonly oldPath: string | null;
}

/** Records are `:<modes> <ids> <letter><score> NUL <path> NUL`; of a rename two paths follow. */
function parseRaw(fields: readonly string[]): { raw: RawChange[]; next: number } {
  const raw: RawChange[] = [];
  let at = 0;
  for (; fields[at]?.startsWith(":") === true; at += 2) {
    const letter = /([A-Z])\d*$/.exec(fields[at] ?? "")?.[1] ?? "M";
    const [first, second] = [fields[at + 1] ?? "", fields[at + 2] ?? ""];
    if (letter === "R" || letter === "C") {
      raw.push({ letter, path: clip(second), oldPath: clip(first) });
      at += 1;
    } else {
      raw.push({ letter, path: clip(first), oldPath: null });
    }
  }
  return { raw, next: at };
}

/** Records are `<added> TAB <removed> TAB <path> NUL`; of a rename the path is empty and two paths follow. */
function parseCounts(fields: readonly string[]): { insertions: number | null; deletions: number | null }[] {
  const counts: { insertions: number | null; deletions: number | null }[] = [];
  for (let at = 0; at < fields.length; at += 1) {
    const match = /^(\d+|-)\t(\d+|-)\t(.*)$/s.exec(fields[at] ?? "");
    if (match === null) continue;
    const [, added = "-", removed = "-", path = ""] = match;
    // A dash stands for a binary file, which has no lines.
    counts.push({
      insertions: added === "-" ? null : Number(added),
      deletions: removed === "-" ? null : Number(removed),
    });
    if (path === "") at += 2;
  }
  return counts;
}

function clip(path: string): string {
  return clipHead(path, maxPathLength);
}
