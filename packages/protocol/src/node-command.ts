/** The commands of the control plane to a VM agent, as they cross the wire. */
import type { NodeCommand, NodeCommandBody } from "@sam/domain/node-task";
import { z } from "zod";

import { taskIdSchema, workspaceIdSchema } from "./ids.ts";
import { savedWorkRefSchema } from "./saved-work.ts";

const commandBodySchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("create_workspace"),
    workspaceId: workspaceIdSchema,
    repository: z.object({ url: z.string().min(1).max(4096), branch: z.string().min(1).max(255).nullable() }),
    agentId: z.string().min(1).max(64),
    branch: z.string().min(1).max(255),
    savedWork: savedWorkRefSchema.nullish(),
    waitsFor: taskIdSchema.optional(),
    comesBack: z.boolean().optional(),
  }),
  z.object({
    type: z.literal("start_agent"),
    workspaceId: workspaceIdSchema,
    agentId: z.string().min(1).max(64),
    homeOf: taskIdSchema,
    loadSessionId: z.string().max(512).nullable(),
    incarnation: z.number().int().positive(),
  }),
  z.object({ type: z.literal("prompt"), turn: z.number().int().positive(), text: z.string(), resume: z.boolean() }),
  z.object({ type: z.literal("cancel_turn"), turn: z.number().int().positive() }),
  z.object({ type: z.literal("answer"), requestId: z.string(), optionId: z.string().nullable() }),
  z.object({
    type: z.literal("deliver"),
    branch: z.string().min(1).max(255),
    commitMessage: z.string(),
    checkCommand: z.string().nullable(),
  }),
  z.object({ type: z.literal("tear_down"), workspaceId: workspaceIdSchema }),
]) satisfies z.ZodType<NodeCommandBody>;

export const nodeCommandSchema = z.object({
  commandId: z.string().min(1).max(128),
  taskId: taskIdSchema,
  body: commandBodySchema,
}) satisfies z.ZodType<NodeCommand>;
