/**
 * The inbox: every task of an owner that awaits them, over all projects, oldest first, with what it waits for, since when,
 * what it costs meanwhile, and what happens when nobody answers. Times are milliseconds since 1970.
 */
import { z } from "zod";

import { nodeIdSchema } from "./ids.ts";
import { pushReceiptSchema } from "./push-api.ts";
import { taskRowSchema, taskViewSchema } from "./task-api.ts";

const instant = z.number().int();

/** What waiting costs: the price of the machine that the task keeps, from the provider's own catalog. */
export const meanwhileCostSchema = z.discriminatedUnion("kind", [
  /** It keeps no machine. */
  z.object({ kind: z.literal("no_machine") }),
  z.object({
    kind: z.literal("priced"),
    nodeId: nodeIdSchema,
    machineType: z.string(),
    /** 0 where the machine is your own. */
    hourlyAmount: z.number(),
    monthlyAmount: z.number(),
    currency: z.string(),
    /** Who says so, and when that was read. */
    source: z.string(),
    readAt: instant,
    /** Tasks that share the machine, this one among them. */
    sharedBy: z.number().int(),
  }),
  z.object({ kind: z.literal("unavailable"), nodeId: nodeIdSchema, why: z.string() }),
]);
export type MeanwhileCost = z.infer<typeof meanwhileCostSchema>;

/** What the runner says of the wait; the whole task is at `/api/tasks/<id>`. */
export const waitSchema = taskViewSchema.pick({
  mode: true,
  branch: true,
  permission: true,
  furtherPermissions: true,
  canSay: true,
  canInterrupt: true,
  canDeliver: true,
  deadlineAt: true,
  onDeadline: true,
  replies: true,
  release: true,
});

export const inboxItemSchema = z.object({
  task: taskRowSchema,
  projectName: z.string().nullable(),
  /** Since when it awaits you. */
  since: instant,
  /** `permission`: its agent asks something; `words`: its turn is over; `unknown`: its runner did not say. */
  waitsFor: z.enum(["permission", "words", "unknown"]),
  /** Null where the task's runner did not answer in time: then only its row is known. */
  wait: waitSchema.nullable(),
  cost: meanwhileCostSchema,
  /** The newest push about it to each browser. */
  pushes: z.array(pushReceiptSchema),
});
export type InboxItem = z.infer<typeof inboxItemSchema>;

export const inboxSchema = z.object({
  items: z.array(inboxItemSchema),
  /** All that wait, also those behind the last one shown. */
  total: z.number().int(),
  unreadable: z.array(z.string()),
});
export type Inbox = z.infer<typeof inboxSchema>;

/** For the count beside a link, asked for often. */
export const inboxCountSchema = z.object({ total: z.number().int(), oldestSince: instant.nullable() });
