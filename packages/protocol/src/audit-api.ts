/** `GET /api/audit`: what SAM found out about itself in the last days. Every figure says since when it is known. */
import { taskSteps } from "@sam/domain/task-lifecycle";
import { z } from "zod";

import { nodeIdSchema, taskIdSchema } from "./ids.ts";

const instant = z.number().int();
const count = z.number().int().nonnegative();

/** Null: it is not recorded yet. Later than the span's beginning: what was before is not known. */
const since = instant.nullable();

export const auditSchema = z.object({
  from: instant,
  to: instant,
  days: count,
  /** Spans in which the whole control plane was off. Nothing could be missed in them. */
  outages: z.array(z.object({ from: instant, to: instant })),
  /** Tasks that the sweep found past their deadline and grace, and nobody at work on it. */
  stuck: z.object({
    since,
    tasks: z.array(
      z.object({
        taskId: taskIdSchema,
        title: z.string(),
        step: z.enum(taskSteps),
        deadlineAt: instant,
        /** When the step was left; null: it still is in it, or nobody can say. */
        until: instant.nullable(),
        /** How long past its deadline; null where nobody can say. */
        lateMs: z.number().nonnegative().nullable(),
        did: z.string(),
      }),
    ),
  }),
  /** What the ledger found at a provider and nobody owns. */
  unowned: z.object({
    since,
    resources: z.array(z.object({ at: instant, kind: z.string(), subjectId: z.string(), detail: z.string() })),
  }),
  repaired: z.object({
    since,
    sentAgain: count,
    deduplicated: count,
    /** By the task whose messages they were. */
    by: z.array(
      z.object({
        subjectId: z.string(),
        what: z.enum(["deduplicated", "sent_again"]),
        count,
        lastAt: instant,
      }),
    ),
  }),
  /** Nodes that should have beaten, the longest silence first. */
  silence: z.object({
    since,
    longestMs: z.number().nonnegative(),
    spans: z.array(
      z.object({
        nodeId: nodeIdSchema,
        from: instant,
        /** Null: it goes on. */
        to: instant.nullable(),
        lastedMs: z.number().nonnegative(),
        /** Null: nothing on record explains it. */
        explanation: z.string().nullable(),
        taskIds: z.array(taskIdSchema),
      }),
    ),
  }),
  sweeps: z.object({
    since,
    missed: count,
    gaps: z.array(z.object({ from: instant, to: instant, missed: count, outageMs: z.number().nonnegative() })),
    /** The newest sweep; null: none ran yet. */
    lastAt: instant.nullable(),
  }),
});
export type AuditView = z.infer<typeof auditSchema>;
