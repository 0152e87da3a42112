/**
 * Notifications: the browsers of an owner that are told when something awaits them, and the receipt of each push. Times are
 * milliseconds since 1970.
 */
import { z } from "zod";

import { taskIdSchema } from "./ids.ts";

const instant = z.number().int();

/** Bytes as base64url without padding: as many characters as so many bytes make. */
const bytes = (count: number) =>
  z
    .string()
    .length(Math.ceil((count * 4) / 3), { error: `is not the base64url of ${count} bytes` })
    .regex(/^[\w-]+$/, { error: "is not base64url" });

/** What `PushSubscription.toJSON()` gives, and what the browser is called by its owner. */
export const subscribeSchema = z.object({
  endpoint: z.url({ error: "is not a URL" }).max(2048),
  keys: z.object({ p256dh: bytes(65), auth: bytes(16) }),
  browser: z.string().trim().min(1).max(120),
});
export type Subscribe = z.infer<typeof subscribeSchema>;

/** What a push is about: a question, the end of a turn, or nothing but itself. */
export const pushTopics = ["permission", "words", "test"] as const;

/** The receipt of one push to one browser. */
export const pushReceiptSchema = z.object({
  pushId: z.string(),
  subscriptionId: z.string(),
  browser: z.string(),
  about: z.enum(pushTopics),
  /** Null: a test. */
  taskId: taskIdSchema.nullable(),
  /** When it was decided. */
  createdAt: instant,
  tries: z.number().int(),
  /** When the push service took it, and with which status. */
  sentAt: instant.nullable(),
  status: z.number().int().nullable(),
  /** Why it was not taken, or not yet; null where it was. */
  problem: z.string().nullable(),
  /** SAM does not try any more. */
  gaveUpAt: instant.nullable(),
  /** The browser's own word: its service worker calls back. */
  shownAt: instant.nullable(),
  clickedAt: instant.nullable(),
});
export type PushReceipt = z.infer<typeof pushReceiptSchema>;

export const subscriptionSchema = z.object({
  subscriptionId: z.string(),
  browser: z.string(),
  /** The host of its push service. */
  service: z.string(),
  createdAt: instant,
  /** Its push service has taken nothing since then; null: the last push was taken, or there was none. */
  failingSince: instant.nullable(),
  problem: z.string().nullable(),
  last: pushReceiptSchema.nullable(),
});
export type SubscriptionView = z.infer<typeof subscriptionSchema>;

export const notificationsSchema = z.object({
  /** The key that a browser subscribes with, base64url; null where this installation can send no push, and why. */
  publicKey: z.string().nullable(),
  unavailable: z.string().nullable(),
  subscriptions: z.array(subscriptionSchema),
});
export type NotificationsView = z.infer<typeof notificationsSchema>;

/** What is encrypted for a browser. It holds no text of a task. */
export const pushPayloadSchema = z.object({
  version: z.literal(1),
  pushId: z.string(),
  /** Proves to the control plane that whoever calls back has read this. */
  receiptToken: z.string(),
  about: z.enum(pushTopics),
  taskId: taskIdSchema.nullable(),
  title: z.string(),
  body: z.string(),
});
export type PushPayload = z.infer<typeof pushPayloadSchema>;

/** What a service worker calls back with. */
export const pushSeenSchema = z.object({
  pushId: z.string().min(1).max(256),
  receiptToken: z.string().min(16).max(128),
  seen: z.enum(["shown", "clicked"]),
});
