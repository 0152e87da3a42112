/**
 * The conversation of a task: one ordered stream with a contiguous `seq` from 1, numbered by the TaskRunner. Whoever
 * asks for "everything after 481" knows that it has it all. `author` is set by the control plane, so an agent cannot
 * speak as SAM.
 */
import { toolKinds } from "@sam/domain/permission-policy";
import { taskSteps } from "@sam/domain/task-lifecycle";
import { z } from "zod";

import { receiptEntrySchema, taskViewSchema, verdictsSchema } from "./task-api.ts";
import { modelCallsSchema, turnUsageSchema } from "./turn-report.ts";
import { workDiffSchema } from "./work-diff.ts";

export const messageBodySchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("prompt"), turn: z.number().int(), text: z.string() }),
  /** One ACP `session/update` of the agent, as it sent it. Never trusted as HTML, path or shell. */
  z.object({ kind: z.literal("agent_update"), turn: z.number().int(), update: z.record(z.string(), z.unknown()) }),
  z.object({
    kind: z.literal("step"),
    from: z.enum(taskSteps).nullable(),
    to: z.enum(taskSteps),
    text: z.string(),
    tookMs: z.number().nullable(),
  }),
  /** Something that SAM observed inside a step: a phase, a retry, a stall, a restart. */
  z.object({ kind: z.literal("note"), text: z.string() }),
  z.object({
    kind: z.literal("turn_ended"),
    turn: z.number().int(),
    stopReason: z.string(),
    detail: z.string().nullable(),
    // What conversations of version 1 did not say is not known of them.
    usage: turnUsageSchema.nullable().default(null),
    model: modelCallsSchema.nullable().default(null),
  }),
  z.object({
    kind: z.literal("permission"),
    requestId: z.string(),
    title: z.string(),
    detail: z.string().nullable().default(null),
    toolKind: z.enum(toolKinds).default("other"),
    options: z.array(z.object({ optionId: z.string(), name: z.string(), kind: z.string() })),
  }),
  z.object({
    kind: z.literal("permission_settled"),
    requestId: z.string(),
    optionId: z.string().nullable(),
    by: z.string(),
  }),
  z.object({ kind: z.literal("diff"), diff: workDiffSchema }),
  z.object({ kind: z.literal("verdicts"), verdicts: verdictsSchema }),
  z.object({ kind: z.literal("receipt"), entry: receiptEntrySchema }),
  z.object({ kind: z.literal("failure"), reason: z.string(), whatToDo: z.string(), evidence: z.string() }),
]);
export type MessageBody = z.infer<typeof messageBodySchema>;

export const messageSchema = z.object({
  seq: z.number().int().positive(),
  at: z.number().int(),
  author: z.enum(["user", "agent", "sam"]),
  body: messageBodySchema,
});
export type Message = z.infer<typeof messageSchema>;

export const messagePageSchema = z.object({
  messages: z.array(messageSchema),
  /** The newest seq that the task has; the page is complete when its last message reaches it. */
  lastSeq: z.number().int(),
});

/**
 * Frames of `GET /api/tasks/<id>/stream?after=<seq>` (WebSocket), from the server. First every message after `seq`,
 * then each as it is stored; `task` whenever the task's facts moved, with the newest seq that was sent before it. The
 * client sends nothing but the text `ping`, which is answered by `pong` without waking the task.
 */
export const streamFrameSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("messages"), messages: z.array(messageSchema) }),
  z.object({ type: z.literal("task"), task: taskViewSchema, lastSeq: z.number().int().optional() }),
]);
export type StreamFrame = z.infer<typeof streamFrameSchema>;
