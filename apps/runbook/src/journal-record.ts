/**
 * A journal record is one fact of a session, as it is kept on disk: one line of JSON. Records are only ever added to; what
 * a session is follows from reading them in order.
 */
import * as z from "zod";

import { segmentSchema } from "./runbook.ts";

export const modeSchema = z.enum(["run", "ask"]);
export type Mode = z.infer<typeof modeSchema>;

const attempt = {
  index: z.int().nonnegative(),
  /** 1 for the first run of this block; each resumption that runs it again adds one. */
  attempt: z.int().positive(),
};

/** `cancelled` by the client, `interrupted` because this process had to end. */
export const blockOutcomeSchema = z.enum([
  "completed",
  "failed",
  "cancelled",
  "interrupted",
  "rejected",
  "not_started",
]);
export type BlockOutcome = z.infer<typeof blockOutcomeSchema>;

export const journalRecordSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("session_created"),
    version: z.literal(1),
    sessionId: z.string(),
    cwd: z.string(),
    mode: modeSchema,
    atMs: z.number(),
  }),
  /** A process took the session; `startTicks` (since boot) tells it from a later one with the same pid. */
  z.object({ type: z.literal("session_opened"), pid: z.int(), startTicks: z.string().nullable(), atMs: z.number() }),
  z.object({ type: z.literal("mode_set"), mode: modeSchema }),
  z.object({ type: z.literal("run_started"), prompt: z.string(), segments: z.array(segmentSchema), atMs: z.number() }),
  /** A prompt that starts no run: it goes on with the last one, or there is nothing in it to run. */
  z.object({ type: z.literal("prompted"), prompt: z.string(), atMs: z.number() }),
  z.object({ type: z.literal("said"), messageId: z.string(), text: z.string() }),
  z.object({ type: z.literal("block_started"), ...attempt, atMs: z.number() }),
  z.object({
    type: z.literal("block_ended"),
    ...attempt,
    outcome: blockOutcomeSchema,
    exitCode: z.int().nullable(),
    signal: z.string().nullable(),
    /** Null where the block was not started or its end was not seen. */
    durationMs: z.number().nullable(),
    output: z.string(),
  }),
]);

export type JournalRecord = z.infer<typeof journalRecordSchema>;
export type BlockEnded = Extract<JournalRecord, { type: "block_ended" }>;
