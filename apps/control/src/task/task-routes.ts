/** The API of tasks: submit, list, look. Every route asks whose task it is. */
import { createRoute, z } from "@hono/zod-openapi";
import { makeId, type UserId } from "@sam/domain/ids";
import type { TaskRequest } from "@sam/domain/task-facts";
import { projectIdSchema, taskIdSchema } from "@sam/protocol/ids";
import {
  submitTaskSchema,
  taskListSchema,
  taskViewSchema,
  transitionSchema,
  type SubmitTask,
  type TaskView,
} from "@sam/protocol/task-api";
import { drizzle } from "drizzle-orm/d1";
import { ulid } from "ulid";

import { createApiApp } from "../api/api-app.ts";
import { jsonAnswer, jsonBody } from "../api/json-content.ts";
import { ApiError, problemResponses } from "../api/problem-response.ts";
import type { Env } from "../env.ts";
import { projectDefaults, projectOf } from "../project/project-store.ts";
import { requireReachable } from "../project/reachable-repository.ts";
import { call, found, oneTask, ownRunner, taskParams } from "./own-task.ts";
import { submitTo } from "./submission.ts";
import { listTasks } from "./task-list.ts";

export const taskRoutes = createApiApp();

taskRoutes.openapi(
  createRoute({
    method: "post",
    path: "/",
    summary: "Submit a task; sent twice with the same taskId it is one task",
    request: { body: jsonBody(submitTaskSchema) },
    responses: { 201: jsonAnswer("The task, accepted and durable", oneTask), ...problemResponses },
  }),
  async (context) => {
    const task = await submit(context.env, context.var.ownerId, context.req.valid("json"));
    return context.json({ task }, 201);
  },
);

taskRoutes.openapi(
  createRoute({
    method: "get",
    path: "/",
    summary: "List your tasks, newest first",
    request: {
      query: z.object({
        before: taskIdSchema.optional(),
        step: taskViewSchema.shape.step.optional(),
        projectId: projectIdSchema.optional(),
        limit: z.coerce.number().int().min(1).max(200).default(50),
      }),
    },
    responses: { 200: jsonAnswer("A page of tasks", taskListSchema), ...problemResponses },
  }),
  async (context) => {
    const { before, step, projectId, limit } = context.req.valid("query");
    const query = { before, step, projectId, limit };
    return context.json(await listTasks(drizzle(context.env.DB), context.var.ownerId, query), 200);
  },
);

taskRoutes.openapi(
  createRoute({
    method: "get",
    path: "/{taskId}",
    summary: "One task: its step, its three clocks, its deadline, its verdicts",
    request: { params: taskParams },
    responses: { 200: jsonAnswer("The task", oneTask), ...problemResponses },
  }),
  async (context) => {
    const runner = await ownRunner(context.env, context.var.ownerId, context.req.valid("param").taskId);
    return context.json({ task: found(await call(runner.view())) }, 200);
  },
);

taskRoutes.openapi(
  createRoute({
    method: "get",
    path: "/{taskId}/transitions",
    summary: "The steps that the task went through",
    request: { params: taskParams },
    responses: {
      200: jsonAnswer("In their order", z.object({ transitions: z.array(transitionSchema) })),
      ...problemResponses,
    },
  }),
  async (context) => {
    const runner = await ownRunner(context.env, context.var.ownerId, context.req.valid("param").taskId);
    return context.json({ transitions: found(await call(runner.transitions())) }, 200);
  },
);

/** The submission is written down, the runner accepts, its row in D1 follows, and the answer waits for all of it. */
export async function submit(env: Env, ownerId: UserId, input: SubmitTask): Promise<TaskView> {
  const { url } = input.repository;
  requireReachable(env, url, "repository.url");
  const taskId = input.taskId ?? makeId("task", ulid());
  const database = drizzle(env.DB);
  const projectId = await call(projectOf(database, ownerId, url, Date.now()));
  const defaults = await call(projectDefaults(database, projectId));
  const request: TaskRequest = {
    taskId,
    ownerId,
    projectId,
    prompt: input.prompt,
    repository: input.repository,
    agentId: input.agentId ?? defaults.agentId,
    // Null is a choice: none, whatever the project's is.
    checkCommand: input.checkCommand === undefined ? defaults.checkCommand : input.checkCommand,
    mode: input.mode ?? defaults.mode,
    permissionPolicy: input.permissionPolicy ?? defaults.permissionPolicy,
    continues: null,
  };
  const outcome = await submitTo(env, request);
  if (!outcome.accepted) throw new ApiError("conflict", `taskId ${taskId} stands for another request. Draw a new one.`);
  if (!outcome.projected) {
    throw new ApiError("unavailable", `${taskId} is accepted and goes on, but its row could not be written yet.`);
  }
  return outcome.task;
}
