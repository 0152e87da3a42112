/** The API of a task's conversation: a page of it, the live stream of it, and what the user says in it. */
import { createRoute, z } from "@hono/zod-openapi";
import { makeId } from "@sam/domain/ids";
import { messagePageSchema } from "@sam/protocol/message";
import { followUpSchema } from "@sam/protocol/task-api";
import { ulid } from "ulid";

import { createApiApp } from "../api/api-app.ts";
import { jsonAnswer, jsonBody } from "../api/json-content.ts";
import { ApiError, problemResponses } from "../api/problem-response.ts";
import { acceptUpgrade } from "../api/session-proof.ts";
import { call, found, oneTask, ownRunner, say, taskParams } from "./own-task.ts";

const afterQuery = z.object({
  after: z.coerce.number().int().min(0).default(0),
  /** The newest before this seq, in place of what comes after one; above the newest seq: from the end. */
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(500),
  /** As it was at this time: what was said later is not there yet. */
  asOf: z.coerce.number().int().min(0).optional(),
});

export const conversationRoutes = createApiApp();

conversationRoutes.openapi(
  createRoute({
    method: "get",
    path: "/{taskId}/messages",
    summary: "A page of the conversation: what comes after a seq, or the newest before one",
    request: { params: taskParams, query: afterQuery },
    responses: { 200: jsonAnswer("In order, without gaps", messagePageSchema), ...problemResponses },
  }),
  async (context) => {
    const { after, before, limit, asOf } = context.req.valid("query");
    const runner = await ownRunner(context.env, context.var.ownerId, context.req.valid("param").taskId);
    const range = before === undefined ? `after=${after}` : `before=${before}`;
    const until = asOf === undefined ? "" : `&asOf=${asOf}`;
    const page = await call(runner.fetch(`http://runner/messages?${range}&limit=${limit}${until}`));
    return context.json(messagePageSchema.parse(await call(found(page.ok ? page : null).json())), 200);
  },
);

conversationRoutes.openapi(
  createRoute({
    method: "post",
    path: "/{taskId}/messages",
    summary: "Say something more: now, when the turn ends, or as a task that continues one which has ended",
    request: { params: taskParams, body: jsonBody(followUpSchema) },
    responses: { 202: jsonAnswer("The task that was told, or the new one", oneTask), ...problemResponses },
  }),
  async (context) => {
    const { taskId } = context.req.valid("param");
    const { prompt: text, interrupt, taskId: by = makeId("task", ulid()) } = context.req.valid("json");
    return context.json({ task: await say(context.env, context.var.ownerId, taskId, { text, interrupt, by }) }, 202);
  },
);

/** A WebSocket; OpenAPI has no word for it, so it stands beside the described routes. */
conversationRoutes.get("/:taskId/stream", async (context) => {
  const { after } = afterQuery.parse({ after: context.req.query("after") });
  if (context.req.header("upgrade")?.toLowerCase() !== "websocket") {
    throw new ApiError("invalid_input", "This is a WebSocket: connect to it as one.");
  }
  const runner = await ownRunner(context.env, context.var.ownerId, context.req.param("taskId"));
  const answer = await call(runner.fetch(`http://runner/stream?after=${after}`, { headers: { upgrade: "websocket" } }));
  return acceptUpgrade(context.req.raw, found(answer.webSocket));
});
