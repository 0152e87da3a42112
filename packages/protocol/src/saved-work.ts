/** Saved work, as it crosses the wire. */
import type { SavedWorkRef, SavedWorkReport } from "@sam/domain/saved-work";
import { z } from "zod";

import { taskIdSchema } from "./ids.ts";

const count = z.number().int().nonnegative();
const commitSchema = z.string().regex(/^[0-9a-f]{40,64}$/);

export const savedWorkRefSchema = z.object({
  taskId: taskIdSchema,
  commit: commitSchema,
}) satisfies z.ZodType<SavedWorkRef>;

/** How many repositories that were left out are named, and how long a name is. */
export const maxLeftOut = 10;
export const maxLeftOutLength = 200;
export const maxReasonLength = 1_000;

export const savedWorkReportSchema = z.object({
  commit: commitSchema,
  baseCommit: commitSchema,
  files: count,
  insertions: count,
  deletions: count,
  uncommittedFiles: count,
  unpushedCommits: count,
  leftOut: z.array(z.string().max(maxLeftOutLength)).max(maxLeftOut),
  place: z.enum(["remote", "mirror"]),
  whyNotPushed: z.string().max(maxReasonLength).nullable(),
}) satisfies z.ZodType<SavedWorkReport>;

/** The most that one report of a node holds. */
export const maxSavedWorks = 128;

/** What a node holds: the saved work of tasks, what is only on this node first, and workspaces of which nothing is saved yet. */
export const heldWorkSchema = z.object({
  works: z.array(savedWorkReportSchema.extend({ taskId: taskIdSchema })).max(maxSavedWorks),
  /** An agent has worked in each. */
  unsaved: z.array(taskIdSchema).max(256),
});
export type HeldWork = z.infer<typeof heldWorkSchema>;

/** What came of the removal of saved work: from the mirror it is gone in any case. */
export const forgottenSchema = z.object({
  taskId: taskIdSchema,
  commit: commitSchema,
  /** `absent`: the remote lists nothing, or other work, under the ref. */
  remote: z.enum(["removed", "absent", "failed"]),
  detail: z.string().max(maxReasonLength),
});
export type ForgottenWork = z.infer<typeof forgottenSchema>;
