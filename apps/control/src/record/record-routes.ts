/** The API of the flight recorder: a task as it was at any moment, and one file with all that is known of it. */
import { createRoute, z } from "@hono/zod-openapi";
import { taskIdSchema } from "@sam/protocol/ids";
import { messagePageSchema } from "@sam/protocol/message";
import { taskAsOfSchema, type TaskAsOf } from "@sam/protocol/task-as-of";

import { createApiApp } from "../api/api-app.ts";
import { jsonAnswer } from "../api/json-content.ts";
import { problemResponses } from "../api/problem-response.ts";
import { call, found, ownRunner, taskParams } from "../task/own-task.ts";
import { exportStream } from "./task-export-text.ts";

/** In milliseconds since 1970; left out: now. */
const asOfQuery = z.object({ at: z.coerce.number().int().min(0).optional() });
const documentSchema = z.looseObject({ format: z.string(), version: z.number().int() });

export const recordRoutes = createApiApp();

recordRoutes.openapi(
  createRoute({
    method: "get",
    path: "/{taskId}/as-of",
    summary: "The task as it was at a moment: its step, its clocks, its verdicts",
    request: { params: taskParams, query: asOfQuery },
    responses: { 200: jsonAnswer("The task, then", taskAsOfSchema), ...problemResponses },
  }),
  async (context) => {
    const runner = await ownRunner(context.env, context.var.ownerId, context.req.valid("param").taskId);
    const { at = Date.now() } = context.req.valid("query");
    return context.json(found(await call<TaskAsOf | null>(runner.asOf(at))), 200);
  },
);

/** A stream, for which a described route has no type: it is described here, and answered below. */
recordRoutes.openAPIRegistry.registerPath({
  method: "get",
  path: "/{taskId}/export",
  summary: "All that is known of a task and its nodes, as one file without secrets",
  request: { params: taskParams },
  responses: { 200: jsonAnswer("The flight recorder's file", documentSchema), ...problemResponses },
});
recordRoutes.get("/:taskId/export", async (context) => {
  const { env } = context;
  const { ownerId } = context.var;
  const taskId = context.req.param("taskId");
  const runner = await ownRunner(env, ownerId, taskId);
  const newest = await call(runner.fetch("http://runner/messages?before=1&limit=1"));
  const { lastSeq } = messagePageSchema.parse(await call(found(newest.ok ? newest : null).json()));
  const stream = await exportStream(env, ownerId, taskIdSchema.parse(taskId), lastSeq, Date.now());
  return new Response(stream, {
    headers: {
      "content-type": "application/json",
      "content-disposition": `attachment; filename="${taskId}.json"`,
    },
  });
});
