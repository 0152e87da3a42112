/** Tasks as the API speaks of them: what a client sends, and what it is shown. */
import { permissionPolicies, toolKinds } from "@sam/domain/permission-policy";
import { taskSteps } from "@sam/domain/task-lifecycle";
import { z } from "zod";

import { failureReasonSchema } from "./failure-reason.ts";
import { nodeIdSchema, projectIdSchema, taskIdSchema } from "./ids.ts";
import { checkedSchema, producedSchema, pushedSchema } from "./node-task-event.ts";
import { savedWorkViewSchema } from "./saved-work-api.ts";
import { savedWorkRefSchema } from "./saved-work.ts";
import { modelFailureSchema, turnUsageSchema } from "./turn-report.ts";

/** 64 KB of UTF-8. */
export const maxPromptBytes = 64 * 1024;

const utf8Bytes = (text: string) => new TextEncoder().encode(text).length;

export const promptSchema = z
  .string()
  .refine((text) => text.trim().length > 0, { error: "is empty: say what is to be done" })
  .refine((text) => utf8Bytes(text) <= maxPromptBytes, { error: "is longer than 64 KB" })
  .refine((text) => !text.includes("\0"), { error: "holds a NUL character" });

/** A git URL (https, http, ssh, git, or scp-like) or an absolute path on the user's own machine. */
export const repositoryUrlSchema = z
  .string()
  .min(1, { error: "is empty: give a path or a URL", abort: true })
  .max(4096)
  .refine((url) => /^(\/|https?:\/\/|ssh:\/\/|git:\/\/|[\w.-]+@[\w.-]+:)/.test(url), {
    error: "must be an absolute path or an https, http, ssh or git URL",
  })
  .refine((url) => !/[\0\n\r]/.test(url), { error: "holds a control character" })
  .refine((url) => !/^[a-z]+:\/\/[^/]*:[^/]*@/.test(url), {
    error: "holds a password: remove it, since it would be stored and shown",
  });

/** The part of git's rules for branch names that a URL, a shell or an option could trip over. */
export const branchSchema = z
  .string()
  .min(1, { error: "is empty: name a branch, or leave it out", abort: true })
  .max(255)
  .refine((name) => /^(?!-)(?!.*(\.\.|@\{|\/\/|\.lock$|\/$|^\/))[^\s~^:?*[\\\x00-\x1f\x7f]+$/.test(name), {
    error: "is not a valid branch name",
  });

export const agentIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, { error: "must be an agent's id, such as codex" });

export const checkCommandSchema = z.string().min(1, { error: "is empty: name a command, or leave it out" }).max(4096);

export const taskModes = ["task", "conversation"] as const;

export const submitTaskSchema = z.object({
  /** Drawn by the client, so that a request which is sent twice makes one task. */
  taskId: taskIdSchema.optional(),
  prompt: promptSchema,
  repository: z.object({ url: repositoryUrlSchema, branch: branchSchema.nullable().default(null) }),
  /** What is left out is the project's default. */
  agentId: agentIdSchema.optional(),
  checkCommand: checkCommandSchema.nullable().optional(),
  mode: z.enum(taskModes).optional(),
  permissionPolicy: z.enum(permissionPolicies).optional(),
});
export type SubmitTask = z.infer<typeof submitTaskSchema>;

const instant = z.number().int();

export const verdictsSchema = z.object({
  ended: z.object({ holds: z.boolean(), stopReason: z.string(), detail: z.string() }).nullable(),
  produced: producedSchema.nullable(),
  checked: checkedSchema.nullable(),
  pushed: pushedSchema.nullable(),
});

export const receiptEntrySchema = z.object({
  line: z.enum(["signal_sent", "processes_gone", "workspace_saved", "workspace_removed", "machine_released"]),
  at: instant,
  proof: z.string(),
});

/** The receipt of what the user replied, or said: null is a line that has not come. */
export const replySchema = z.object({
  /** The question that it answers; null: words. */
  requestId: z.string().nullable(),
  /** The option that was chosen; null: none of them, or words. */
  optionId: z.string().nullable(),
  /** Who answered; null: words. */
  by: z.string().nullable(),
  /** The turn in which the words were told; null: an answer, or they wait for the end of a turn. */
  turn: z.number().int().nullable(),
  acceptedAt: instant,
  onMachineAt: instant.nullable(),
  readAt: instant.nullable(),
  /** No agent will read it any more. */
  missed: z.object({ at: instant, why: z.string() }).nullable(),
});
export type ReplyView = z.infer<typeof replySchema>;

/** What becomes of the machine of a task that awaits you. */
export const releaseSchema = z.object({
  /** When it is released if nobody answers; null: it is not going to be. */
  dueAt: instant.nullable(),
  /** The work is being saved since then. */
  savingSince: instant.nullable(),
  /** Since then it works nowhere; the work is saved as `savedRef`, where there was any. */
  releasedAt: instant.nullable(),
  savedRef: z.string().nullable(),
  /** The node that alone has that work, and is kept for it, so that waiting costs what it costs; null: none is. */
  savedOn: nodeIdSchema.nullable(),
  /** It was to be released and is kept, since the work on it could not be saved. */
  kept: z.object({ at: instant, why: z.string() }).nullable(),
  /** An answer, words or a delivery bring it back now. */
  comesBack: z.boolean(),
});
export type ReleaseView = z.infer<typeof releaseSchema>;

/** One task, with its three clocks, its deadline and what happens then. Times are milliseconds since 1970. */
export const taskViewSchema = z.object({
  taskId: taskIdSchema,
  projectId: projectIdSchema,
  title: z.string(),
  prompt: z.string(),
  repository: z.object({ url: z.string(), branch: z.string().nullable() }),
  agentId: z.string(),
  checkCommand: z.string().nullable(),
  mode: z.enum(taskModes),
  permissionPolicy: z.enum(permissionPolicies),
  /** The finished task that this one continues, and the one that continues it. */
  continues: taskIdSchema.nullable(),
  continuedBy: taskIdSchema.nullable(),
  step: z.enum(taskSteps),
  final: z.boolean(),
  canCancel: z.boolean(),
  /** What saying something more does now; null: it is not allowed. */
  canSay: z.enum(["next_turn", "waits_for_the_turn", "continues"]).nullable(),
  canInterrupt: z.boolean(),
  canDeliver: z.boolean(),
  /** Rises by one with each transition. */
  version: z.number().int(),
  createdAt: instant,
  clocks: z.object({
    inStateSince: instant,
    lastProgressAt: instant.nullable(),
    lastContactAt: instant.nullable(),
    frozenAt: instant.nullable(),
  }),
  deadlineAt: instant.nullable(),
  progressDeadlineAt: instant.nullable(),
  /** In words: what the step waits for, and what happens at its deadline. From the lifecycle table. */
  waitsFor: z.string().nullable(),
  onDeadline: z.string().nullable(),
  stalledSince: instant.nullable(),
  /** What the last evidence of progress in this step said; null where there was none, or it says nothing. */
  progress: z.string().nullable(),
  /** The model has answered no call since then; at `giveUpAt` the turn is given up; null: while it waits for you, or is over. */
  modelTrouble: z.object({ since: instant, giveUpAt: instant.nullable(), failure: modelFailureSchema }).nullable(),
  usage: turnUsageSchema.nullable(),
  /** Said while the turn runs, to be told at its end. */
  waitingTexts: z.array(z.string()),
  /** What was answered and said last, the newest at the end. */
  replies: z.array(replySchema),
  queuePlace: z.number().int().nullable(),
  attempt: z.number().int(),
  /** Which start of its agent this is; 0 before the first. */
  incarnation: z.number().int().optional(),
  nodeId: nodeIdSchema.nullable(),
  branch: z.string(),
  baseCommit: z.string().nullable(),
  verdicts: verdictsSchema,
  failure: z
    .object({ reason: failureReasonSchema, whatToDo: z.string(), evidence: z.string(), at: instant })
    .nullable(),
  receipt: z.array(receiptEntrySchema),
  /** Lines of the receipt of an ended cancel that nobody proved. */
  unproven: z.array(receiptEntrySchema.shape.line),
  /** Every line of the receipt, in its order, once the task lets its machine go. */
  receiptLines: z.array(
    z.object({
      line: receiptEntrySchema.shape.line,
      state: z.enum(["proven", "open", "unproven"]),
      at: instant.nullable(),
      proof: z.string().nullable(),
    }),
  ),
  /** A cancel that is under way may be ended by force. */
  canForce: z.boolean(),
  savedRef: z.string().nullable(),
  /** What was saved of its workspace, and where that is now. */
  savedWork: savedWorkViewSchema.nullable(),
  canDiscardSavedWork: z.boolean(),
  /** The saved work, another task's or its own, that its workspace began with. */
  broughtBack: savedWorkRefSchema.nullable(),
  /** Null: it does not await you, nor comes back to you. */
  release: releaseSchema.nullable(),
  /** Waiting for an answer of the user. */
  permission: z
    .object({
      requestId: z.string(),
      title: z.string(),
      detail: z.string().nullable(),
      toolKind: z.enum(toolKinds),
      askedAt: instant,
      options: z.array(z.object({ optionId: z.string(), name: z.string(), kind: z.string() })),
    })
    .nullable(),
  /** Questions that wait behind it. */
  furtherPermissions: z.number().int(),
});
export type TaskView = z.infer<typeof taskViewSchema>;

/** A row of the list: what D1 holds, a projection of the TaskRunner. */
export const taskRowSchema = z.object({
  taskId: taskIdSchema,
  projectId: projectIdSchema,
  title: z.string(),
  agentId: z.string(),
  repositoryUrl: z.string(),
  step: z.enum(taskSteps),
  version: z.number().int(),
  failureReason: failureReasonSchema.nullable(),
  /** For a final row: green, amber or red by the verdicts. */
  colour: z.enum(["green", "amber", "red"]).nullable(),
  nodeId: nodeIdSchema.nullable(),
  createdAt: instant,
  updatedAt: instant,
  deadlineAt: instant.nullable(),
});
export type TaskRow = z.infer<typeof taskRowSchema>;

export const taskListSchema = z.object({
  tasks: z.array(taskRowSchema),
  /** Pass as `before` to get the next page; null at the end. */
  nextBefore: z.string().nullable(),
  /** Rows that could not be read, by id: they are reported and hide no other. */
  unreadable: z.array(z.string()),
});

/** A step that the task went through, from the runner's transition log. */
export const transitionSchema = z.object({
  version: z.number().int(),
  from: z.enum(taskSteps).nullable(),
  to: z.enum(taskSteps),
  at: instant,
  /** Which event moved it. */
  cause: z.string(),
});
export type TransitionView = z.infer<typeof transitionSchema>;

export const answerSchema = z.object({
  requestId: z.string().min(1).max(128),
  optionId: z.string().max(256).nullable(),
});
export const followUpSchema = z.object({
  prompt: promptSchema,
  /** While a turn runs: cancel it first. */
  interrupt: z.boolean().default(false),
  /**
   * Drawn by the client, so that what is sent twice is said once: the id of the task that continues a finished one, or
   * only the key of these words where the task goes on.
   */
  taskId: taskIdSchema.optional(),
});

/** What a forced end of a cancel would lose, and what it would not, by name. */
export const forceOutlookSchema = z.object({
  canForce: z.boolean(),
  /** Lines of the receipt that nobody has proven. */
  unproven: z.array(receiptEntrySchema.shape.line),
  /** In sentences: work, processes, machines, other tasks. */
  losses: z.array(z.string()),
  /** In sentences: what is kept for others, and where. */
  keeps: z.array(z.string()),
});
export type ForceOutlook = z.infer<typeof forceOutlookSchema>;
