/**
 * The "break something" menu of a person's own machine: what a client asks for, what the control plane asks of the
 * launcher, and what is shown of it afterwards.
 */
import { breakageKinds, longestBreakageMs, shortestBreakageMs } from "@sam/domain/breakage";
import { taskSteps } from "@sam/domain/task-lifecycle";
import { z } from "zod";

import { nodeIdSchema, taskIdSchema } from "./ids.ts";

const instant = z.number().int();

/** What a client asks for. */
export const breakRequestSchema = z.object({
  kind: z.enum(breakageKinds),
  /** For what is done to one node. */
  nodeId: nodeIdSchema.nullable().default(null),
  /** How long it lasts; left out, or null: as long as the table says. */
  durationMs: z.number().int().min(shortestBreakageMs).max(longestBreakageMs).nullable().default(null),
});
export type BreakRequest = z.input<typeof breakRequestSchema>;

export const sceneSchema = z.object({
  at: instant,
  nodes: z.array(
    z.object({
      nodeId: nodeIdSchema,
      epoch: z.number().int(),
      bootedAt: instant.nullable(),
      connected: z.boolean(),
      lastContactAt: instant.nullable(),
    }),
  ),
  tasks: z.array(
    z.object({
      taskId: taskIdSchema,
      nodeId: nodeIdSchema.nullable(),
      step: z.enum(taskSteps),
      deadlineAt: instant.nullable(),
      incarnation: z.number().int(),
      lastProgressAt: instant.nullable(),
      lastSeq: z.number().int(),
      missing: z.number().int(),
    }),
  ),
  doubled: z.array(z.string()).nullable(),
});

/** What the control plane asks of the launcher. `before` is the scene, as JSON: kept, and given back as it is. */
export const breakOrderSchema = z.object({
  kind: z.enum(breakageKinds),
  nodeId: nodeIdSchema.nullable(),
  serverId: z.string().nullable(),
  durationMs: z.number().int().max(longestBreakageMs),
  before: z.string(),
});
export type BreakOrder = z.infer<typeof breakOrderSchema>;

const deedSchema = z.object({
  kind: z.enum(breakageKinds),
  nodeId: nodeIdSchema.nullable(),
  startedAt: instant,
  endsAt: instant,
  backAt: instant.nullable(),
  seen: z.string(),
});

/** Each promise, and what became of it: null while it is not decided. */
export const proofsSchema = z.array(
  z.object({ promise: z.string(), holds: z.boolean().nullable(), evidence: z.string(), at: instant.nullable() }),
);

/** What the launcher keeps; the proofs once each of them is decided, since later things may change what they rest on. */
export const keptBreakageSchema = z.object({
  id: z.string(),
  deed: deedSchema,
  before: z.string(),
  proofs: proofsSchema.nullable(),
});
export type KeptBreakage = z.infer<typeof keptBreakageSchema>;

/** What the control plane gives the launcher to keep. */
export const settledBreakageSchema = z.object({ id: z.string(), proofs: proofsSchema });

export const breakageViewSchema = z.object({ id: z.string(), deed: deedSchema, proofs: proofsSchema });
export type BreakageView = z.infer<typeof breakageViewSchema>;

/** Newest first. */
export const breakageListSchema = z.object({ breakages: z.array(breakageViewSchema) });
