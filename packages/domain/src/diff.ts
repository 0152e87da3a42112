/** The diff of a task's work against the commit that it began from, as git on the node printed it. */
export interface FileChange {
  readonly path: string;
  /** The path before a rename; null where there was none. */
  readonly oldPath: string | null;
  readonly status: "added" | "modified" | "deleted" | "renamed";
  /** Null for a binary file. */
  readonly insertions: number | null;
  readonly deletions: number | null;
}

export interface WorkDiff {
  readonly baseCommit: string;
  readonly files: readonly FileChange[];
  /** A unified diff of the files that fit; the rest is in `leftOutFiles`. */
  readonly patch: string;
  /** Paths whose patch was left out because of its size. */
  readonly leftOutFiles: readonly string[];
}
