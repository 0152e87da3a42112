/** Nodes as the API shows them. */
import { nodeStates } from "@sam/domain/node-lifecycle";
import { z } from "zod";

import { nodeIdSchema, taskIdSchema } from "./ids.ts";
import { isolationSchema } from "./node-channel.ts";

const instant = z.number().int();

/** What a machine is, from the provider's own catalog with the time it was read; or that it cannot be said, and why. */
export const machineSchema = z.discriminatedUnion("known", [
  z.object({
    known: z.literal(true),
    machineType: z.string(),
    vcpu: z.number(),
    memoryBytes: z.number(),
    diskBytes: z.number().nullable(),
    monthlyPrice: z.object({ amount: z.number(), currency: z.string() }).nullable(),
    location: z.string(),
    source: z.string(),
    readAt: instant,
  }),
  z.object({ known: z.literal(false), machineType: z.string(), why: z.string() }),
]);
export type MachineView = z.infer<typeof machineSchema>;

export const nodeViewSchema = z.object({
  nodeId: nodeIdSchema,
  provider: z.string(),
  serverId: z.string().nullable(),
  state: z.enum(nodeStates),
  final: z.boolean(),
  version: z.number().int(),
  createdAt: instant,
  inStateSince: instant,
  lastContactAt: instant.nullable(),
  deadlineAt: instant.nullable(),
  waitsFor: z.string().nullable(),
  onDeadline: z.string().nullable(),
  machine: machineSchema,
  isolation: isolationSchema.nullable(),
  slots: z.number().int(),
  claims: z.array(taskIdSchema),
  /** What lies on it and nowhere else: it is not destroyed while it does, unless its owner says so. */
  holds: z.array(
    z.object({
      taskId: taskIdSchema,
      kind: z.enum(["saved_work", "workspace"]),
      what: z.string(),
      /** Why nobody else has it; null where no try was made. */
      why: z.string().nullable(),
      since: instant,
    }),
  ),
  /** It would be gone since then, but for what it holds; from `overdueAt` on you have to decide. */
  kept: z.object({ since: instant, overdueAt: instant }).nullable(),
  connected: z.boolean(),
  /** Rises with each start of its VM agent, and when the one that counts now said hello first. */
  epoch: z.number().int().optional(),
  bootedAt: instant.nullable().optional(),
  failure: z.string().nullable(),
});
export type NodeView = z.infer<typeof nodeViewSchema>;

export const nodeRowSchema = z.object({
  nodeId: nodeIdSchema,
  provider: z.string(),
  machineType: z.string(),
  state: z.enum(nodeStates),
  version: z.number().int(),
  createdAt: instant,
  updatedAt: instant,
  deadlineAt: instant.nullable(),
});
export const nodeListSchema = z.object({
  nodes: z.array(nodeViewSchema),
  /** Nodes whose own object could not be asked, as D1 last knew them. */
  unreachable: z.array(nodeRowSchema),
});
