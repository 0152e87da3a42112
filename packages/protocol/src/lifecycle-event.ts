/** What happened to a task and to a node, as a record keeps it: the events that their decisions were given. */
import type { NodeEvent } from "@sam/domain/node-event";
import { nodeFailureReasons, nodeStates, type NodeFailureReason } from "@sam/domain/node-lifecycle";
import type { NodeObservation, TaskEvent } from "@sam/domain/task-event";
import { z } from "zod";

import { nodeIdSchema, taskIdSchema } from "./ids.ts";
import { machineSchema } from "./node-api.ts";
import { isolationSchema } from "./node-channel.ts";
import { nodeTaskEventSchema } from "./node-task-event.ts";
import { heldWorkSchema, savedWorkRefSchema, savedWorkReportSchema } from "./saved-work.ts";

const seq = z.number().int().positive();

export const nodeFailureReasonSchema = z
  .string()
  .refine((text): text is NodeFailureReason => Object.hasOwn(nodeFailureReasons, text), {
    error: "must be one of the reasons why a node fails",
  });

const nodeObservationSchema = z.object({
  nodeId: nodeIdSchema,
  state: z.enum(nodeStates),
  mark: z.string(),
  failure: nodeFailureReasonSchema.nullable(),
  detail: z.string(),
  mustGo: z.boolean().optional(),
  heardAt: z.number().int().optional(),
}) satisfies z.ZodType<NodeObservation>;

export const taskEventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("look") }),
  z.object({
    type: z.literal("node_claimed"),
    node: nodeObservationSchema,
    bringsBack: savedWorkRefSchema.nullable().optional(),
    waitsFor: taskIdSchema.optional(),
    savedWorkGone: z.string().optional(),
  }),
  z.object({ type: z.literal("no_capacity"), place: z.number().int(), why: z.string() }),
  z.object({ type: z.literal("capacity_freed") }),
  z.object({ type: z.literal("node_observed"), node: nodeObservationSchema }),
  z.object({ type: z.literal("node_released"), nodeId: nodeIdSchema, proof: z.string() }),
  z.object({ type: z.literal("contact") }),
  z.object({ type: z.literal("vm_agent"), seq, event: nodeTaskEventSchema }),
  z.object({ type: z.literal("vm_agent_passed_over"), seq, detail: z.string() }),
  z.object({ type: z.literal("cancel_requested"), by: z.string() }),
  z.object({
    type: z.literal("answered"),
    requestId: z.string(),
    optionId: z.string().nullable(),
    by: z.string(),
  }),
  z.object({
    type: z.literal("follow_up"),
    text: z.string(),
    interrupt: z.boolean(),
    key: z.string().nullable(),
  }),
  z.object({ type: z.literal("interrupt_requested") }),
  z.object({ type: z.literal("continued"), by: taskIdSchema, text: z.string(), summary: z.string() }),
  z.object({ type: z.literal("continuation_refused"), by: taskIdSchema, text: z.string() }),
  z.object({ type: z.literal("deliver_requested") }),
  z.object({ type: z.literal("force_requested"), by: z.string() }),
  z.object({ type: z.literal("discard_requested"), by: z.string() }),
  z.object({ type: z.literal("saved_work_reported"), nodeId: nodeIdSchema, work: savedWorkReportSchema }),
  z.object({ type: z.literal("saved_work_delivered"), by: taskIdSchema, commit: z.string().optional() }),
  z.object({
    type: z.literal("saved_work_forgotten"),
    commit: z.string(),
    remote: z.enum(["removed", "absent", "failed"]),
    detail: z.string(),
  }),
  z.object({ type: z.literal("recover") }),
  z.object({ type: z.literal("ended_by_sweep") }),
]) satisfies z.ZodType<TaskEvent>;

const serverStatus = z.enum(["initializing", "starting", "running", "off", "deleting", "unknown"]);

export const nodeEventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("look") }),
  z.object({ type: z.literal("machine_read"), machine: machineSchema }),
  z.object({ type: z.literal("server_created"), serverId: z.string(), status: serverStatus }),
  z.object({ type: z.literal("server_refused"), failure: nodeFailureReasonSchema, detail: z.string() }),
  z.object({ type: z.literal("server_observed"), serverId: z.string(), status: serverStatus }),
  z.object({ type: z.literal("server_gone") }),
  z.object({ type: z.literal("server_unlisted") }),
  z.object({
    type: z.literal("hello"),
    bootId: z.string(),
    isolation: isolationSchema,
    agents: z.array(z.string()),
  }),
  z.object({ type: z.literal("contact") }),
  z.object({
    type: z.literal("claimed"),
    taskId: taskIdSchema,
    stay: z.number().int().nonnegative().optional(),
    savedWorkOf: taskIdSchema.nullable().optional(),
  }),
  z.object({ type: z.literal("held_work_reported"), held: heldWorkSchema }),
  z.object({
    type: z.literal("released"),
    taskId: taskIdSchema,
    stay: z.number().int().nonnegative().nullable().optional(),
  }),
  z.object({
    type: z.literal("given_up"),
    failure: nodeFailureReasonSchema,
    detail: z.string(),
    discards: z.boolean().optional(),
    forcedFor: taskIdSchema.optional(),
  }),
]) satisfies z.ZodType<NodeEvent>;
