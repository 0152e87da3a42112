/** The API of saved work: what there is over all tasks, and throwing that of one away. */
import { createRoute, z } from "@hono/zod-openapi";
import { taskIdSchema } from "@sam/protocol/ids";
import { savedWorkListSchema } from "@sam/protocol/saved-work-api";
import { drizzle } from "drizzle-orm/d1";

import { createApiApp } from "../api/api-app.ts";
import { jsonAnswer } from "../api/json-content.ts";
import { problemResponses } from "../api/problem-response.ts";
import { ask, call, oneTask, taskParams } from "../task/own-task.ts";
import { listSavedWork } from "./saved-store.ts";

export const savedWorkRoutes = createApiApp();

savedWorkRoutes.openapi(
  createRoute({
    method: "get",
    path: "/",
    summary: "The saved work of your tasks: where each lies, and how to get it",
    request: {
      query: z.object({
        before: taskIdSchema.optional(),
        /** `true`: also what was removed. */
        all: z.stringbool().default(false),
        limit: z.coerce.number().int().min(1).max(200).default(50),
      }),
    },
    responses: { 200: jsonAnswer("Those of the newest tasks first", savedWorkListSchema), ...problemResponses },
  }),
  async (context) => {
    const { before, all, limit } = context.req.valid("query");
    const listed = listSavedWork(drizzle(context.env.DB), context.var.ownerId, { before, all, limit });
    return context.json(await call(listed), 200);
  },
);

savedWorkRoutes.openapi(
  createRoute({
    method: "delete",
    path: "/{taskId}",
    summary: "Throw the saved work of a task away: it is removed from the remote and from its node",
    request: { params: taskParams },
    responses: { 202: jsonAnswer("The task, its saved work being removed", oneTask), ...problemResponses },
  }),
  async (context) => {
    const { ownerId } = context.var;
    const event = { type: "discard_requested", by: ownerId } as const;
    return context.json({ task: await ask(context.env, ownerId, context.req.valid("param").taskId, event) }, 202);
  },
);
