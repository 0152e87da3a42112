/** The API of the inbox: what awaits its owner. Answers and words go to the tasks themselves. */
import { createRoute } from "@hono/zod-openapi";
import { inboxCountSchema, inboxSchema } from "@sam/protocol/inbox-api";
import { drizzle } from "drizzle-orm/d1";

import { createApiApp } from "../api/api-app.ts";
import { jsonAnswer } from "../api/json-content.ts";
import { problemResponses } from "../api/problem-response.ts";
import { countInbox, listInbox } from "./inbox-list.ts";

export const inboxRoutes = createApiApp();

inboxRoutes.openapi(
  createRoute({
    method: "get",
    path: "/",
    summary: "What awaits you, over all projects, oldest first",
    responses: { 200: jsonAnswer("The inbox", inboxSchema), ...problemResponses },
  }),
  async (context) => context.json(await listInbox(context.env, context.var.ownerId), 200),
);

inboxRoutes.openapi(
  createRoute({
    method: "get",
    path: "/count",
    summary: "How many tasks await you, and since when the oldest does",
    responses: { 200: jsonAnswer("The count", inboxCountSchema), ...problemResponses },
  }),
  async (context) => context.json(await countInbox(drizzle(context.env.DB), context.var.ownerId), 200),
);
