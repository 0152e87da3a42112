/** The diff of a task's work, as the node reports it. The patch is git's own text: never trusted as HTML or path. */
import type { WorkDiff } from "@sam/domain/diff";
import { z } from "zod";

/** In UTF-16 units; a file whose patch does not fit any more is named in `leftOutFiles`. */
export const maxPatchLength = 200_000;
export const maxDiffFiles = 1_000;

const count = z.number().int().nonnegative();
const path = z.string().max(4096);

export const workDiffSchema = z.object({
  baseCommit: z.string().max(64),
  files: z
    .array(
      z.object({
        path,
        oldPath: path.nullable(),
        status: z.enum(["added", "modified", "deleted", "renamed"]),
        insertions: count.nullable(),
        deletions: count.nullable(),
      }),
    )
    .max(maxDiffFiles),
  patch: z.string().max(maxPatchLength),
  leftOutFiles: z.array(path).max(maxDiffFiles),
}) satisfies z.ZodType<WorkDiff>;
