/** The events of a VM agent about one task, as they cross the wire. */
import type { NodeTaskEvent, PermissionOption } from "@sam/domain/node-task";
import { toolKinds } from "@sam/domain/permission-policy";
import { z } from "zod";

import { failureReasonSchema } from "./failure-reason.ts";
import { taskIdSchema } from "./ids.ts";
import { savedWorkRefSchema, savedWorkReportSchema } from "./saved-work.ts";
import { modelCallsSchema, modelFailureSchema, turnUsageSchema } from "./turn-report.ts";
import { workDiffSchema } from "./work-diff.ts";

const text = (max: number) => z.string().max(max);
const count = z.number().int().nonnegative();

const permissionOptionSchema = z.object({
  optionId: text(256),
  name: text(512),
  kind: z.enum(["allow_once", "allow_always", "reject_once", "reject_always"]),
}) satisfies z.ZodType<PermissionOption>;

export const producedSchema = z.object({
  holds: z.boolean(),
  commits: count,
  files: count,
  insertions: count,
  deletions: count,
  headCommit: text(64).nullable(),
});

export const checkedSchema = z.object({
  outcome: z.enum(["passed", "failed", "not_configured"]),
  command: text(4096).nullable(),
  exitCode: z.number().int().nullable(),
  durationMs: z.number().nonnegative().nullable(),
  outputTail: text(16_384),
});

export const pushedSchema = z.object({
  holds: z.boolean(),
  ref: text(512).nullable(),
  commit: text(64).nullable(),
  detail: text(4096),
});

const deliveredVerdictsSchema = z.object({
  produced: producedSchema.nullable(),
  checked: checkedSchema.nullable(),
  pushed: pushedSchema.nullable(),
});

export const nodeTaskEventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("command_reached"), commandId: text(128), reached: z.enum(["machine", "agent"]) }),
  z.object({ type: z.literal("workspace_accepted") }),
  z.object({
    type: z.literal("workspace_progress"),
    phase: z.enum(["queued", "mirror", "checkout", "agent_install", "ready"]),
    bytes: count.nullable(),
  }),
  z.object({
    type: z.literal("workspace_ready"),
    baseCommit: text(64),
    baseBranch: text(255),
    path: text(4096),
    broughtBack: savedWorkRefSchema.nullish(),
  }),
  z.object({
    type: z.literal("agent_phase"),
    incarnation: count,
    phase: z.enum(["spawning", "initializing", "opening_session", "loading_session"]),
  }),
  z.object({
    type: z.literal("agent_ready"),
    incarnation: count,
    sessionId: text(512),
    canLoadSession: z.boolean(),
    loaded: z.boolean(),
    name: text(128),
    version: text(128),
  }),
  z.object({ type: z.literal("agent_update"), turn: count, update: z.record(z.string(), z.unknown()) }),
  z.object({
    type: z.literal("permission_requested"),
    requestId: text(128),
    title: text(4096),
    detail: text(16_384).nullable(),
    scope: z.object({ toolKind: z.enum(toolKinds), insideWorkspace: z.boolean(), sandboxed: z.boolean() }),
    options: z.array(permissionOptionSchema).max(16),
  }),
  z.object({ type: z.literal("permission_settled"), requestId: text(128), optionId: text(256).nullable() }),
  z.object({
    type: z.literal("turn_ended"),
    turn: count,
    stopReason: text(64),
    reportedFailure: text(4096).nullable(),
    usage: turnUsageSchema.nullable(),
    model: modelCallsSchema.nullable(),
  }),
  z.object({ type: z.literal("model_failing"), turn: count, failure: modelFailureSchema, failures: count }),
  z.object({ type: z.literal("model_answering"), turn: count }),
  z.object({ type: z.literal("diff"), diff: workDiffSchema }),
  z.object({
    type: z.literal("agent_gone"),
    incarnation: count,
    exitCode: z.number().int().nullable(),
    signal: text(32).nullable(),
    outputTail: text(16_384),
  }),
  z.object({
    type: z.literal("delivery_phase"),
    phase: z.enum(["ending_agent", "committing", "checking", "pushing", "proving"]),
  }),
  z.object({ type: z.literal("delivered"), verdicts: deliveredVerdictsSchema }),
  z.object({
    type: z.literal("receipt"),
    line: z.enum(["signal_sent", "processes_gone", "workspace_saved", "workspace_removed", "machine_released"]),
    proof: text(4096),
  }),
  z.object({
    type: z.literal("torn_down"),
    savedRef: text(512).nullable(),
    savedWork: savedWorkReportSchema.nullish(),
  }),
  z.object({
    type: z.literal("command_failed"),
    command: z.enum(["create_workspace", "start_agent", "prompt", "cancel_turn", "answer", "deliver", "tear_down"]),
    reason: failureReasonSchema,
    evidence: text(16_384),
    retryable: z.boolean(),
    verdicts: deliveredVerdictsSchema.nullable(),
    heldBy: taskIdSchema.optional(),
  }),
]) satisfies z.ZodType<NodeTaskEvent>;
