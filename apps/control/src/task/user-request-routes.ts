/** The API of what a user asks of a task: cancel it, answer its agent, interrupt it, deliver it. */
import { createRoute } from "@hono/zod-openapi";
import { answerSchema } from "@sam/protocol/task-api";

import { createApiApp } from "../api/api-app.ts";
import { jsonAnswer, jsonBody } from "../api/json-content.ts";
import { problemResponses } from "../api/problem-response.ts";
import { ask, oneTask, taskParams } from "./own-task.ts";

export const userRequestRoutes = createApiApp();

userRequestRoutes.openapi(
  createRoute({
    method: "post",
    path: "/{taskId}/cancel",
    summary: "Cancel: the receipt says what was proven; again it changes nothing",
    request: { params: taskParams },
    responses: { 202: jsonAnswer("The task, cancelling", oneTask), ...problemResponses },
  }),
  async (context) => {
    const { ownerId } = context.var;
    const event = { type: "cancel_requested", by: ownerId } as const;
    return context.json({ task: await ask(context.env, ownerId, context.req.valid("param").taskId, event) }, 202);
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
