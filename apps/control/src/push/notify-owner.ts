/**
 * Telling an owner's browsers that a task awaits them: an effect of the task's runner, in a lane of its own. What is about
 * to be sent is written down first; what a push service took is not sent again; what it did not take is tried again, at most
 * so often and for so long, and then said to be given up.
 */
import type { TaskId } from "@sam/domain/ids";
import type { TaskEffect } from "@sam/domain/task-event";
import type { TaskFacts } from "@sam/domain/task-facts";
import type { PushReceipt } from "@sam/protocol/push-api";
import type { DrizzleD1Database } from "drizzle-orm/d1";

import type { Env } from "../env.ts";
import { noticeOf, type Notice } from "./notice.ts";
import {
  forgetOld,
  giveUp,
  intend,
  noteSent,
  readReceipt,
  type NewReceipt,
  type ReceiptRow,
  type Sent,
} from "./push-receipts.ts";
import { sendPush, type PushOutcome } from "./push-service.ts";
import { noteOutcome, subscriptionsOf, type SubscriptionRow } from "./push-subscriptions.ts";
import { vapidKey } from "./vapid-store.ts";
import { receiptToken, type VapidJwk } from "./vapid.ts";

export type NotifyEffect = Extract<TaskEffect, { kind: "notify" }>;

/** Delivery is paced by the outbox: so many tries take about a minute and a half. */
const maxTries = 10;
const deadlineMs = 10 * 60 * 1000;
/** Where not even D1 could be asked so long, nothing is left to be said of it. */
const forgottenMs = 2 * deadlineMs;

export interface Notification {
  readonly env: Env;
  readonly database: DrizzleD1Database;
  readonly facts: TaskFacts;
  readonly effect: NotifyEffect;
  /** The effect's own key. */
  readonly key: string;
  /** From 1. */
  readonly attempt: number;
  readonly now: number;
}

/** Throws where it is to be tried again. */
export async function notifyOwner(notification: Notification): Promise<void> {
  const { env, database, facts, effect, key, attempt, now } = notification;
  const { ownerId, taskId } = facts.request;
  if (now >= effect.at + forgottenMs) return;
  const browsers = await subscriptionsOf(database, ownerId);
  if (browsers.length === 0) return;
  const vapid = await vapidKey(env, database, now);
  if (!vapid.available) return;
  const notice = noticeOf(facts, effect);
  const receipts = await intend(
    database,
    browsers.map((browser) => newReceipt(`${taskId}.${key}`, browser, { taskId, notice, now: effect.at })),
  );
  const open = receipts.filter(({ sentAt, gaveUpAt }) => sentAt === null && gaveUpAt === null);
  const ids = open.map(({ pushId }) => pushId);
  if (!stillWaits(facts, effect)) return giveUp(database, ids, "it was answered before it could be sent", now);
  const sender = { env, database, key: vapid.key, now };
  const left = await sendAll(sender, notice, open, browsers);
  if (left.length === 0) return forgetOld(database, ownerId, now);
  if (attempt >= maxTries || now >= effect.at + deadlineMs) {
    return giveUp(database, left, `given up after ${attempt} tries`, now);
  }
  throw new Error(`${left.length} of ${receipts.length} browsers could not be told yet`);
}

/** A push by itself, to see whether it comes. @returns its receipt as it stands after one try. */
export async function sendTest(
  { env, database, now }: Pick<Notification, "env" | "database" | "now">,
  key: VapidJwk,
  browser: SubscriptionRow,
  testId: string,
): Promise<PushReceipt> {
  const notice: Notice = {
    about: "test",
    taskId: null,
    title: "SAM can reach you here",
    body: "This is the notification that you asked for.",
  };
  const [receipt] = await intend(database, [newReceipt(`test.${testId}`, browser, { taskId: null, notice, now })]);
  if (receipt === undefined) throw new Error("the receipt was not stored");
  const left = await sendAll({ env, database, key, now }, notice, [receipt], [browser]);
  await giveUp(database, left, "a test is tried once", now);
  return readReceipt(database, receipt.pushId);
}

/** Whether what it tells of is still so: the same question is open, or no turn runs. */
function stillWaits({ step, permission, turn }: TaskFacts, { requestId }: NotifyEffect): boolean {
  if (step !== "awaiting_input") return false;
  return requestId === null ? turn?.running !== true : permission?.requestId === requestId;
}

interface Sender {
  readonly env: Env;
  readonly database: DrizzleD1Database;
  readonly key: VapidJwk;
  readonly now: number;
}

/** @returns the ids of the pushes that are to be tried again. */
async function sendAll(
  sender: Sender,
  notice: Notice,
  receipts: readonly ReceiptRow[],
  browsers: readonly SubscriptionRow[],
): Promise<string[]> {
  const outcomes = await Promise.all(
    receipts.map(async ({ pushId, subscriptionId }) => {
      const browser = browsers.find((one) => one.subscriptionId === subscriptionId);
      if (browser === undefined) return [];
      const outcome = await sendOne(sender, notice, pushId, browser);
      return outcome.kind === "unreached" ? [pushId] : [];
    }),
  );
  return outcomes.flat();
}

async function sendOne(
  { env, database, key, now }: Sender,
  notice: Notice,
  pushId: string,
  browser: SubscriptionRow,
): Promise<PushOutcome> {
  const payload = { version: 1, pushId, receiptToken: await receiptToken(key, pushId), ...notice };
  const contact = contactOf(env);
  const topic = await topicOf(pushId);
  const outcome = await sendPush(browser, { payload, topic }, { key, contact, now });
  await noteSent(database, pushId, sentOf(outcome, now));
  await noteOutcome(database, browser, outcome, now);
  return outcome;
}

function sentOf({ kind, status, problem }: PushOutcome, now: number): Sent {
  const sentAt = kind === "taken" ? now : null;
  return { sentAt, status, problem, gaveUpAt: kind === "gone" || kind === "refused" ? now : null };
}

function newReceipt(
  prefix: string,
  { subscriptionId, browser, ownerId }: SubscriptionRow,
  told: { readonly taskId: TaskId | null; readonly notice: Notice; readonly now: number },
): NewReceipt {
  const { taskId, notice, now } = told;
  const pushId = `${prefix}.${subscriptionId}`;
  return { pushId, ownerId, subscriptionId, browser, about: notice.about, taskId, createdAt: now };
}

/** Push services ask for one, and some refuse a name that cannot be. */
function contactOf({ CONTROL_URL: url = "" }: Env): string {
  return url.startsWith("https://") ? url : "mailto:sam@example.com";
}

/** As long as a topic may be. */
async function topicOf(pushId: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(pushId));
  return [...new Uint8Array(digest)]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .slice(0, 32);
}
