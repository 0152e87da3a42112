/** The API of notifications: the browsers that are told, a test of them, and what their service workers call back with. */
import { createRoute, z } from "@hono/zod-openapi";
import {
  notificationsSchema,
  pushReceiptSchema,
  pushSeenSchema,
  subscribeSchema,
  subscriptionSchema,
} from "@sam/protocol/push-api";
import { drizzle } from "drizzle-orm/d1";
import { ulid } from "ulid";

import { createApiApp } from "../api/api-app.ts";
import { jsonAnswer, jsonBody } from "../api/json-content.ts";
import { ApiError, problemResponses } from "../api/problem-response.ts";
import { sendTest } from "./notify-owner.ts";
import { endpointRefusal } from "./push-endpoint.ts";
import { newestReceipts, noteSeen } from "./push-receipts.ts";
import { subscribe, subscriptionsOf, unsubscribe, viewOf } from "./push-subscriptions.ts";
import { vapidKey } from "./vapid-store.ts";
import { publicKeyOf, receiptToken } from "./vapid.ts";

const subscriptionParams = z.object({ subscriptionId: z.string().max(64) });
const oneSubscription = z.object({ subscription: subscriptionSchema });
const oneReceipt = z.object({ receipt: pushReceiptSchema });

export const pushRoutes = createApiApp();

pushRoutes.openapi(
  createRoute({
    method: "get",
    path: "/",
    summary: "Your browsers that are told when something awaits you, and the key that one subscribes with",
    responses: { 200: jsonAnswer("The notifications", notificationsSchema), ...problemResponses },
  }),
  async (context) => {
    const database = drizzle(context.env.DB);
    const { ownerId } = context.var;
    const [rows, newest, vapid] = await Promise.all([
      subscriptionsOf(database, ownerId),
      newestReceipts(database, ownerId),
      vapidKey(context.env, database, Date.now()),
    ]);
    const subscriptions = rows.map((row) => viewOf(row, newest.get(row.subscriptionId) ?? null));
    return context.json(
      vapid.available
        ? { publicKey: publicKeyOf(vapid.key), unavailable: null, subscriptions }
        : { publicKey: null, unavailable: vapid.why, subscriptions },
      200,
    );
  },
);

pushRoutes.openapi(
  createRoute({
    method: "post",
    path: "/subscriptions",
    summary: "Subscribe a browser; again it is the same one",
    request: { body: jsonBody(subscribeSchema) },
    responses: { 201: jsonAnswer("The browser", oneSubscription), ...problemResponses },
  }),
  async (context) => {
    const body = context.req.valid("json");
    const refusal = endpointRefusal(context.env, body.endpoint);
    if (refusal !== null) {
      const errors = [{ field: "endpoint", message: refusal }];
      throw new ApiError("invalid_input", `The address of the push service ${refusal}.`, errors);
    }
    const row = await subscribe(drizzle(context.env.DB), context.var.ownerId, body, Date.now());
    return context.json({ subscription: viewOf(row, null) }, 201);
  },
);

pushRoutes.openapi(
  createRoute({
    method: "delete",
    path: "/subscriptions/{subscriptionId}",
    summary: "Tell this browser no more",
    request: { params: subscriptionParams },
    responses: { 204: { description: "It is removed" }, ...problemResponses },
  }),
  async (context) => {
    const { subscriptionId } = context.req.valid("param");
    const isRemoved = await unsubscribe(drizzle(context.env.DB), context.var.ownerId, subscriptionId);
    if (isRemoved) return context.body(null, 204);
    throw new ApiError("not_found", `You have no browser ${subscriptionId}.`);
  },
);

pushRoutes.openapi(
  createRoute({
    method: "post",
    path: "/subscriptions/{subscriptionId}/test",
    summary: "Send this browser one push, to see whether it comes",
    request: { params: subscriptionParams },
    responses: { 200: jsonAnswer("Its receipt, as far as it came", oneReceipt), ...problemResponses },
  }),
  async (context) => {
    const { env } = context;
    const { ownerId } = context.var;
    const { subscriptionId } = context.req.valid("param");
    const database = drizzle(env.DB);
    const now = Date.now();
    const browser = (await subscriptionsOf(database, ownerId)).find((row) => row.subscriptionId === subscriptionId);
    if (browser === undefined) throw new ApiError("not_found", `You have no browser ${subscriptionId}.`);
    const vapid = await vapidKey(env, database, now);
    if (!vapid.available) throw new ApiError("unavailable", vapid.why);
    const receipt = await sendTest({ env, database, now }, vapid.key, browser, ulid());
    return context.json({ receipt }, 200);
  },
);

/**
 * What a service worker says of a push that it was given. It has no session, only what the push held: a token that no one
 * else can know, and that proves nothing but this one push.
 */
export const pushSeenRoutes = createApiApp();

pushSeenRoutes.openapi(
  createRoute({
    method: "post",
    path: "/",
    summary: "A browser has shown a push, or somebody pressed it",
    request: { body: jsonBody(pushSeenSchema) },
    security: [],
    responses: { 204: { description: "It stands in the push's receipt" }, ...problemResponses },
  }),
  async (context) => {
    const { pushId, receiptToken: given, seen } = context.req.valid("json");
    const database = drizzle(context.env.DB);
    const now = Date.now();
    const vapid = await vapidKey(context.env, database, now);
    const isRight = vapid.available && (await receiptToken(vapid.key, pushId)) === given;
    if (!isRight) throw new ApiError("unauthenticated", "This is not the token of a push that was sent.");
    if (!(await noteSeen(database, pushId, seen, now))) throw new ApiError("not_found", "There is no such push.");
    return context.body(null, 204);
  },
);
