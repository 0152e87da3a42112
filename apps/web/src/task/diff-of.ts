/** The newest diff of the work that a conversation tells of. */
import type { WorkDiff } from "@sam/domain/diff";

import type { Item } from "../conversation/item.ts";

export interface ToldDiff {
  readonly diff: WorkDiff;
  readonly at: number;
}

/** @returns null where none of these items is one. */
export function newestDiff(items: readonly Item[]): Extract<Item, { kind: "diff" }> | null {
  const item = items.findLast(({ kind }) => kind === "diff");
  return item?.kind === "diff" ? item : null;
}

export function sizeOf({ files }: WorkDiff) {
  return {
    files: files.length,
    insertions: files.reduce((sum, { insertions }) => sum + (insertions ?? 0), 0),
    deletions: files.reduce((sum, { deletions }) => sum + (deletions ?? 0), 0),
  };
}
