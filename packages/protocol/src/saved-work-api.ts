/** Saved work as the API shows it. */
import { z } from "zod";

import { nodeIdSchema, taskIdSchema } from "./ids.ts";
import { savedWorkReportSchema } from "./saved-work.ts";

const instant = z.number().int();

/** What is known of it. Times are milliseconds since 1970. */
export const savedWorkSchema = savedWorkReportSchema.extend({
  nodeId: nodeIdSchema,
  /** `mirror`: on that node alone. `lost`: that node was destroyed. `removed`: nobody needs it any more. */
  place: z.enum(["remote", "mirror", "lost", "removed"]),
  savedAt: instant,
  /** Since when it is where it is. */
  placedAt: instant,
  /** It is to be removed, or was, and what the last try came to. */
  forget: z
    .object({
      cause: z.enum(["continued", "discarded"]),
      askedAt: instant,
      dueAt: instant.nullable(),
      tries: z.number().int(),
      detail: z.string().nullable(),
    })
    .nullable(),
});

export const savedWorkViewSchema = savedWorkSchema.extend({
  ref: z.string(),
  /** How much it is, in words. */
  summary: z.string(),
  /** Whether what is said next brings it back. */
  isKept: z.boolean(),
  /** What a person pastes in a clone of the repository to get it; null where the remote does not have it. */
  fetchLine: z.string().nullable(),
});
export type SavedWorkView = z.infer<typeof savedWorkViewSchema>;

export const savedWorkRowSchema = z.object({
  taskId: taskIdSchema,
  title: z.string(),
  repositoryUrl: z.string(),
  savedWork: savedWorkViewSchema,
});
export type SavedWorkRow = z.infer<typeof savedWorkRowSchema>;

export const savedWorkListSchema = z.object({
  works: z.array(savedWorkRowSchema),
  /** Pass as `before` to get the next page; null at the end. */
  nextBefore: z.string().nullable(),
  unreadable: z.array(z.string()),
});
