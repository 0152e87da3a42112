/**
 * The node channel: one WebSocket, dialled by the VM agent to `/api/node-channel/<node id>` with its token as a bearer.
 * Frames are JSON texts. Commands go down at least once and are done once; events come up with a contiguous `seq` per
 * task and are kept by the VM agent until they are acknowledged.
 */
import { z } from "zod";

import { taskIdSchema, workspaceIdSchema } from "./ids.ts";
import { nodeCommandSchema } from "./node-command.ts";
import { nodeTaskEventSchema } from "./node-task-event.ts";
import { forgottenSchema, heldWorkSchema, savedWorkRefSchema } from "./saved-work.ts";

export const isolationSchema = z.object({
  processes: z.enum(["bubblewrap", "plain", "machine", "unknown"]),
  limits: z.enum(["cgroup-v2", "cgroup-v1", "prlimit", "none", "machine", "unknown"]),
  reasons: z.array(z.string().max(1024)).max(16),
});

export const taskEventRecordSchema = z.object({
  taskId: taskIdSchema,
  /** Contiguous per task, from 1. */
  seq: z.number().int().positive(),
  /** When the VM agent observed it, by its own clock; for display only, never for a deadline. */
  observedAt: z.number().int(),
  event: nodeTaskEventSchema,
});
export type TaskEventRecord = z.infer<typeof taskEventRecordSchema>;

/** The settings and secrets of one agent of one task's owner. In memory only, on both ends. */
export const agentGrantSchema = z.object({
  /** Null: the agent's own choice. */
  model: z.string().max(256).nullable(),
  /** Null: where its catalog says. */
  baseUrl: z.string().max(2048).nullable(),
  /** The key of its model and the name of its secret; null where the owner has set none. */
  modelKey: z.object({ name: z.string().max(128), value: z.string().max(65_536) }).nullable(),
  /** The owner's other secrets, for the agent's environment. */
  environment: z.record(z.string().max(128), z.string().max(65_536)),
});
export type AgentGrant = z.infer<typeof agentGrantSchema>;

/** What the VM agent sends. */
export const upFrameSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hello"),
    protocol: z.number().int(),
    /** Drawn anew by each start of the VM agent's process; the same over reconnects. */
    bootId: z.string().min(8).max(64),
    vmAgentVersion: z.string().max(64),
    isolation: isolationSchema,
    /** Agents that can be started here. */
    agents: z.array(z.string().max(64)).max(64),
  }),
  z.object({ type: z.literal("events"), events: z.array(taskEventRecordSchema).min(1).max(256) }),
  /** The command is on the VM agent's disk: it will be done, once, through any restart. */
  z.object({ type: z.literal("command_ack"), commandId: z.string().max(128) }),
  /** What an agent is started with: asked for at each start, since it is stored nowhere on a node. */
  z.object({
    type: z.literal("grant_wanted"),
    requestId: z.string().min(1).max(64),
    taskId: taskIdSchema,
    agentId: z.string().min(1).max(64),
    /** `save`: only to look through work that is to be saved, also of a task that has ended. */
    purpose: z.literal("save").optional(),
  }),
  /** All work that lies on this node: with each welcome, whenever it changes, and now and then. */
  z.object({ type: z.literal("held_work"), ...heldWorkSchema.shape }),
  z.object({ type: z.literal("saved_work_forgotten"), ...forgottenSchema.shape }),
  z.object({
    type: z.literal("heartbeat"),
    load1: z.number().nonnegative(),
    memoryTotalBytes: z.number().nonnegative(),
    memoryFreeBytes: z.number().nonnegative(),
    diskTotalBytes: z.number().nonnegative(),
    diskFreeBytes: z.number().nonnegative(),
    /** Which workspaces stand and which agent processes are really alive, as looked up now. */
    workspaces: z
      .array(
        z.object({
          taskId: taskIdSchema,
          workspaceId: workspaceIdSchema,
          agentPid: z.number().int().positive().nullable(),
          incarnation: z.number().int().nonnegative(),
        }),
      )
      .max(256),
  }),
]);
export type UpFrame = z.infer<typeof upFrameSchema>;

/** What the control plane sends. */
export const downFrameSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("welcome"),
    protocol: z.number().int(),
    epoch: z.number().int().positive(),
    heartbeatIntervalMs: z.number().int().positive(),
  }),
  z.object({ type: z.literal("command"), command: nodeCommandSchema }),
  /** Every event of this task up to and including `seq` is stored. */
  z.object({ type: z.literal("event_ack"), taskId: taskIdSchema, seq: z.number().int().nonnegative() }),
  /** The task is not this node's (any more): drop its events, end its processes, save and remove its workspace. */
  z.object({ type: z.literal("void_task"), taskId: taskIdSchema }),
  z.object({ type: z.literal("grant"), requestId: z.string(), grant: agentGrantSchema }),
  z.object({ type: z.literal("grant_refused"), requestId: z.string(), detail: z.string().max(4096) }),
  /** Remove the saved work of a task, here and at the remote. Said again it is done again, without harm. */
  z.object({
    type: z.literal("forget_saved_work"),
    ...savedWorkRefSchema.shape,
    repositoryUrl: z.string().min(1).max(4096),
  }),
  z.object({ type: z.literal("heartbeat_ack") }),
  /** A new token, to be stored before it is used; the old one stays valid until it expires. */
  z.object({ type: z.literal("token"), token: z.string().min(32).max(512), tokenExpiresAt: z.number().int() }),
  /** A frame that was not of the protocol was dropped; the connection goes on. */
  z.object({ type: z.literal("refused"), detail: z.string().max(4096) }),
]);
export type DownFrame = z.infer<typeof downFrameSchema>;

/** Close codes of the node channel. 4001: the token is not valid. 4009: a newer connection or boot took over. */
export const closeCodes = { unauthorized: 4001, replaced: 4009, silent: 4008, protocol: 4002 } as const;
