/** The API of what a user asks of a task: cancel it, answer its agent, interrupt it, deliver it. */
import { createRoute, z } from "@hono/zod-openapi";
import { answerSchema, forceOutlookSchema, type TaskView } from "@sam/protocol/task-api";

import { createApiApp } from "../api/api-app.ts";
import { jsonAnswer, jsonBody } from "../api/json-content.ts";
import { problemResponses } from "../api/problem-response.ts";
import { viewOf } from "../node/node-list.ts";
import { forceOutlook } from "./force-outlook.ts";
import { ask, call, found, oneTask, ownRunner, taskParams } from "./own-task.ts";

export const userRequestRoutes = createApiApp();

userRequestRoutes.openapi(
  createRoute({
    method: "post",
    path: "/{taskId}/cancel",
    summary:
      "Cancel: the receipt says what was proven; again it changes nothing. With `force` a cancel that is under way ends at once, its machine given up",
    request: { params: taskParams, query: z.object({ force: z.stringbool().default(false) }) },
    responses: { 202: jsonAnswer("The task, cancelling", oneTask), ...problemResponses },
  }),
  async (context) => {
    const { ownerId } = context.var;
    const { force } = context.req.valid("query");
    const event = { type: force ? "force_requested" : "cancel_requested", by: ownerId } as const;
    return context.json({ task: await ask(context.env, ownerId, context.req.valid("param").taskId, event) }, 202);
  },
);

userRequestRoutes.openapi(
  createRoute({
    method: "get",
    path: "/{taskId}/cancel",
    summary: "What ending a cancel by force would lose, by name",
    request: { params: taskParams },
    responses: { 200: jsonAnswer("What would be lost", forceOutlookSchema), ...problemResponses },
  }),
  async (context) => {
    const { taskId } = context.req.valid("param");
    const runner = await ownRunner(context.env, context.var.ownerId, taskId);
    const task = found(await call<TaskView | null>(runner.view()));
    const node = task.nodeId === null ? null : await viewOf(context.env, task.nodeId).catch(() => null);
    return context.json(forceOutlook(task, node), 200);
  },
);

userRequestRoutes.openapi(
  createRoute({
    method: "post",
    path: "/{taskId}/answers",
    summary: "Answer what the agent asks, exactly once",
    request: { params: taskParams, body: jsonBody(answerSchema) },
    responses: { 202: jsonAnswer("The task, answered", oneTask), ...problemResponses },
  }),
  async (context) => {
    const { ownerId } = context.var;
    const event = { type: "answered", ...context.req.valid("json"), by: ownerId } as const;
    return context.json({ task: await ask(context.env, ownerId, context.req.valid("param").taskId, event) }, 202);
  },
);

userRequestRoutes.openapi(
  createRoute({
    method: "post",
    path: "/{taskId}/interrupt",
    summary: "Cancel the turn: its end leads to you, or to what you have said already",
    request: { params: taskParams },
    responses: { 202: jsonAnswer("The task, its turn being cancelled", oneTask), ...problemResponses },
  }),
  async (context) => {
    const event = { type: "interrupt_requested" } as const;
    const { taskId } = context.req.valid("param");
    return context.json({ task: await ask(context.env, context.var.ownerId, taskId, event) }, 202);
  },
);

userRequestRoutes.openapi(
  createRoute({
    method: "post",
    path: "/{taskId}/deliver",
    summary: "Between two turns: commit, check, push, and end",
    request: { params: taskParams },
    responses: { 202: jsonAnswer("The task, being delivered", oneTask), ...problemResponses },
  }),
  async (context) => {
    const event = { type: "deliver_requested" } as const;
    const { taskId } = context.req.valid("param");
    return context.json({ task: await ask(context.env, context.var.ownerId, taskId, event) }, 202);
  },
);
