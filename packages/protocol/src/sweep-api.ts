/** `GET /api/sweeps`: what the sweeps looked at, found, did and could not do. */
import { isFindingKind, type FindingKind } from "@sam/domain/sweep-finding";
import { z } from "zod";

const instant = z.number().int();
const count = z.number().int().nonnegative();

export const findingKindSchema = z
  .string()
  .refine((kind): kind is FindingKind => isFindingKind(kind), { error: "is no kind of finding" });

/** What one part of one sweep came to. */
export const sweepPartSchema = z.object({
  part: z.string(),
  /** Rows or resources that it looked at. */
  looked: count,
  /** What it found among them, and what it did about it. */
  found: count,
  acted: count,
  /** What failed, in words; null where nothing did. */
  failed: z.string().nullable(),
  /** Whether it looked at all that was due; else it goes on behind that in the next sweep. */
  isWhole: z.boolean(),
  tookMs: count,
  /** Yours, and those that are nobody's; bounded. */
  findings: z.array(z.object({ kind: findingKindSchema, subjectId: z.string(), detail: z.string() })),
});
export type SweepPartView = z.infer<typeof sweepPartSchema>;

export const sweepSchema = z.object({
  /** The time that the schedule gave it. */
  at: instant,
  /** Null: it runs, or it died. */
  endedAt: instant.nullable(),
  parts: z.array(sweepPartSchema),
});
export type SweepView = z.infer<typeof sweepSchema>;

/** The same thing about the same subject is one finding a day, with when it was first and last seen. */
export const findingSchema = z.object({
  kind: findingKindSchema,
  part: z.string(),
  subjectId: z.string(),
  at: instant,
  lastAt: instant,
  times: count,
  detail: z.string(),
});
export type FindingView = z.infer<typeof findingSchema>;

export const sweepListSchema = z.object({
  /** Newest first. */
  sweeps: z.array(sweepSchema),
  /** Yours, and those that are nobody's; the last seen first. */
  findings: z.array(findingSchema),
});
