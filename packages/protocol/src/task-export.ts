/**
 * The flight recorder's file: all that is known of one task and of the nodes that it was on, in one JSON document. It holds
 * no secret. Versions, newest on top:
 * - 1: the record, transitions, effects and messages of the task; the record, effects and provider calls of its nodes.
 */
import { permissionPolicies } from "@sam/domain/permission-policy";
import type { TaskRequest } from "@sam/domain/task-facts";
import { z } from "zod";

import { nodeIdSchema, projectIdSchema, taskIdSchema, userIdSchema } from "./ids.ts";
import { messageSchema } from "./message.ts";
import {
  nodeRecordSchema,
  providerCallSchema,
  recordedEffectSchema,
  settingsSchema,
  storedTaskSchema,
  taskRecordSchema,
} from "./record.ts";
import { taskModes, transitionSchema } from "./task-api.ts";

export const taskExportFormat = "sam-task-export";
export const taskExportVersion = 1;

const instant = z.number().int();

const taskRequestSchema = z.object({
  taskId: taskIdSchema,
  ownerId: userIdSchema,
  projectId: projectIdSchema,
  prompt: z.string(),
  repository: z.object({ url: z.string(), branch: z.string().nullable() }),
  agentId: z.string(),
  checkCommand: z.string().nullable(),
  mode: z.enum(taskModes),
  permissionPolicy: z.enum(permissionPolicies),
  continues: z
    .object({
      taskId: taskIdSchema,
      rootTaskId: taskIdSchema,
      branch: z.string(),
      sessionId: z.string().nullable(),
      nodeId: nodeIdSchema.nullable(),
      summary: z.string(),
    })
    .nullable(),
}) satisfies z.ZodType<TaskRequest>;

const nodeRequestSchema = z.object({
  nodeId: nodeIdSchema,
  ownerId: userIdSchema,
  provider: z.string(),
  machineType: z.string(),
  location: z.string(),
  slots: z.number().int(),
});

export const nodeTransitionSchema = transitionSchema.extend({ from: z.string().nullable(), to: z.string() });

/** What a node's own object says, or why it says nothing. */
export const exportedNodeSchema = z.object({
  nodeId: nodeIdSchema,
  /** Why nothing more is known; null where it is. */
  missing: z.string().nullable(),
  request: nodeRequestSchema.nullable(),
  record: nodeRecordSchema,
  transitions: z.array(nodeTransitionSchema),
  effects: z.array(recordedEffectSchema),
  providerCalls: z.array(providerCallSchema),
});
export type ExportedNode = z.infer<typeof exportedNodeSchema>;

/** Without its messages, which may be many and follow in pages. */
export const exportedRunnerSchema = z.object({
  request: taskRequestSchema,
  /** As they stood when it was exported. */
  facts: storedTaskSchema,
  record: taskRecordSchema,
  transitions: z.array(transitionSchema),
  effects: z.array(recordedEffectSchema),
  /** When the object looks next by itself; null: never. */
  alarmAt: instant.nullable(),
});
export type ExportedRunner = z.infer<typeof exportedRunnerSchema>;

/** The task's row in D1, for whoever asks whether it says the same as its runner. */
export const exportedRowSchema = z.looseObject({
  step: z.string(),
  version: z.number().int(),
  updatedAt: instant,
  deadlineAt: instant.nullable(),
});

export const taskExportSchema = z.object({
  format: z.literal(taskExportFormat),
  version: z.literal(taskExportVersion),
  exportedAt: instant,
  samVersion: z.string(),
  settings: settingsSchema,
  outages: z.array(z.object({ from: instant, to: instant })),
  /** The names of the secrets that were looked for, and replaced wherever one was found. */
  secretsRemoved: z.array(z.string()),
  /** Those that no key of the installation opens (any more); they were removed on the node alone. */
  secretsNotLookedFor: z.array(z.string()),
  row: exportedRowSchema.nullable(),
  nodes: z.array(exportedNodeSchema),
  task: exportedRunnerSchema.extend({ messages: z.array(messageSchema) }),
});
export type TaskExport = z.infer<typeof taskExportSchema>;

/** A file that cannot be read; the message names each field that is wrong, at most five of them. */
export class UnreadableExport extends Error {
  override readonly name = "UnreadableExport";
}

const mostNamed = 5;

/** @throws UnreadableExport where the text is not a file of this kind and version. */
export function readTaskExport(text: string): TaskExport {
  const value = jsonOf(text);
  const head = z.looseObject({ format: z.unknown().optional(), version: z.unknown().optional() }).safeParse(value);
  if (!head.success || head.data.format !== taskExportFormat) {
    throw new UnreadableExport(`format: must be "${taskExportFormat}": this is no file of sam task export`);
  }
  const { version } = head.data;
  if (version !== taskExportVersion) {
    const newer = typeof version === "number" && version > taskExportVersion ? ": a newer SAM wrote it" : "";
    throw new UnreadableExport(`version: must be ${taskExportVersion}, and is ${JSON.stringify(version)}${newer}`);
  }
  const parsed = taskExportSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const named = issues.slice(0, mostNamed).map(({ path, message }) => `${path.join(".") || "the file"}: ${message}`);
  const more = issues.length > mostNamed ? [`and ${issues.length - mostNamed} more`] : [];
  throw new UnreadableExport([...named, ...more].join("\n"));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UnreadableExport(`the file is not JSON: ${why}`, { cause: error });
  }
}
