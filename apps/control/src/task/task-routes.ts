/** The API of tasks: submit, list, look, follow, cancel, answer. Every route asks whose task it is. */
import { createRoute, z } from "@hono/zod-openapi";
import { isId, makeId, type TaskId, type UserId } from "@sam/domain/ids";
import type { TaskRequest } from "@sam/domain/task-facts";
import { canCancel, isFinal } from "@sam/domain/task-lifecycle";
import { messagePageSchema } from "@sam/protocol/message";
import {
  answerSchema,
  followUpSchema,
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
import { ApiError, problemResponses } from "../api/problem-response.ts";
import type { Env } from "../env.ts";
import { within } from "../lifecycle/deadline.ts";
import { projectOf } from "../project/project-store.ts";
import { listTasks, ownsTask } from "./task-list.ts";
import type { SubmitOutcome, TaskRunner } from "./task-runner-object.ts";
import { callTimeoutMs } from "./task-world.ts";

const taskParams = z.object({ taskId: z.string() });
const oneTask = z.object({ task: taskViewSchema });
const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { "application/json": { schema } },
});
const body = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true,
  content: { "application/json": { schema } },
});

export const taskRoutes = createApiApp();

taskRoutes.openapi(
  createRoute({
    method: "post",
    path: "/",
    summary: "Submit a task; sent twice with the same taskId it is one task",
    request: { body: body(submitTaskSchema) },
    responses: { 201: json("The task, accepted and durable", oneTask), ...problemResponses },
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
        before: z.string().optional(),
        step: taskViewSchema.shape.step.optional(),
        limit: z.coerce.number().int().min(1).max(200).default(50),
      }),
    },
    responses: { 200: json("A page of tasks", taskListSchema), ...problemResponses },
  }),
  async (context) => {
    const { before, step, limit } = context.req.valid("query");
    const page = await listTasks(drizzle(context.env.DB), context.var.ownerId, { before, step, limit });
    return context.json(page, 200);
  },
);

taskRoutes.openapi(
  createRoute({
    method: "get",
    path: "/{taskId}",
    summary: "One task: its step, its three clocks, its deadline, its verdicts",
    request: { params: taskParams },
    responses: { 200: json("The task", oneTask), ...problemResponses },
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
      200: json("In their order", z.object({ transitions: z.array(transitionSchema) })),
      ...problemResponses,
    },
  }),
  async (context) => {
    const runner = await ownRunner(context.env, context.var.ownerId, context.req.valid("param").taskId);
    return context.json({ transitions: await call(runner.transitions()) }, 200);
  },
);

const afterQuery = z.object({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(500),
});

taskRoutes.openapi(
  createRoute({
    method: "get",
    path: "/{taskId}/messages",
    summary: "The conversation after a seq",
    request: { params: taskParams, query: afterQuery },
    responses: { 200: json("In order, without gaps", messagePageSchema), ...problemResponses },
  }),
  async (context) => {
    const { after, limit } = context.req.valid("query");
    const runner = await ownRunner(context.env, context.var.ownerId, context.req.valid("param").taskId);
    const page = await call(runner.fetch(`http://runner/messages?after=${after}&limit=${limit}`));
    return context.json(messagePageSchema.parse(await page.json()), 200);
  },
);

/** A WebSocket; OpenAPI has no word for it, so it stands beside the described routes. */
taskRoutes.get("/:taskId/stream", async (context) => {
  const { after } = afterQuery.parse({ after: context.req.query("after") });
  if (context.req.header("upgrade")?.toLowerCase() !== "websocket") {
    throw new ApiError("invalid_input", "This is a WebSocket: connect to it as one.");
  }
  const runner = await ownRunner(context.env, context.var.ownerId, context.req.param("taskId"));
  return call(runner.fetch(`http://runner/stream?after=${after}`, { headers: { upgrade: "websocket" } }));
});

taskRoutes.openapi(
  createRoute({
    method: "post",
    path: "/{taskId}/cancel",
    summary: "Cancel: the receipt says what was proven; again it changes nothing",
    request: { params: taskParams },
    responses: { 202: json("The task, cancelling", oneTask), ...problemResponses },
  }),
  async (context) => {
    const runner = await ownRunner(context.env, context.var.ownerId, context.req.valid("param").taskId);
    const before = found(await call(runner.view()));
    if (!canCancel(before.step) && before.step !== "cancelling" && before.step !== "cancelled") {
      throw new ApiError("not_allowed_now", `The task has already ended: it is ${before.step}. Nothing was changed.`);
    }
    const task = found(await call(runner.ask({ type: "cancel_requested", by: context.var.ownerId })));
    return context.json({ task }, 202);
  },
);

taskRoutes.openapi(
  createRoute({
    method: "post",
    path: "/{taskId}/answers",
    summary: "Answer what the agent asks, exactly once",
    request: { params: taskParams, body: body(answerSchema) },
    responses: { 202: json("The task, answered", oneTask), ...problemResponses },
  }),
  async (context) => {
    const { requestId, optionId } = context.req.valid("json");
    const runner = await ownRunner(context.env, context.var.ownerId, context.req.valid("param").taskId);
    const before = found(await call(runner.view()));
    if (before.permission?.requestId !== requestId) {
      throw new ApiError("not_allowed_now", "That question is not open (any more). Nothing was changed.");
    }
    if (optionId !== null && !before.permission.options.some((option) => option.optionId === optionId)) {
      throw new ApiError("invalid_input", "optionId is none of the options offered", [
        { field: "optionId", message: "is none of the options offered" },
      ]);
    }
    const task = found(await call(runner.ask({ type: "answered", requestId, optionId, by: context.var.ownerId })));
    return context.json({ task }, 202);
  },
);

taskRoutes.openapi(
  createRoute({
    method: "post",
    path: "/{taskId}/messages",
    summary: "Say something more to a conversation that awaits you",
    request: { params: taskParams, body: body(followUpSchema) },
    responses: { 202: json("The task, running again", oneTask), ...problemResponses },
  }),
  async (context) => {
    const runner = await ownRunner(context.env, context.var.ownerId, context.req.valid("param").taskId);
    await mustAwaitInput(runner);
    const task = found(await call(runner.ask({ type: "follow_up", text: context.req.valid("json").prompt })));
    return context.json({ task }, 202);
  },
);

taskRoutes.openapi(
  createRoute({
    method: "post",
    path: "/{taskId}/deliver",
    summary: "End a conversation: commit, check, push",
    request: { params: taskParams },
    responses: { 202: json("The task, being delivered", oneTask), ...problemResponses },
  }),
  async (context) => {
    const runner = await ownRunner(context.env, context.var.ownerId, context.req.valid("param").taskId);
    await mustAwaitInput(runner);
    const task = found(await call(runner.ask({ type: "deliver_requested" })));
    return context.json({ task }, 202);
  },
);

/** The runner accepts first, its row in D1 follows, and the answer waits for both. */
async function submit(env: Env, ownerId: UserId, input: SubmitTask): Promise<TaskView> {
  const { url } = input.repository;
  if (url.startsWith("/") && env.PROVIDER !== "local") {
    const message = "is a path on your machine, which the nodes of this installation cannot reach: give a URL";
    throw new ApiError("invalid_input", `repository.url ${message}`, [{ field: "repository.url", message }]);
  }
  const taskId = input.taskId ?? makeId("task", ulid());
  const projectId = await call(projectOf(drizzle(env.DB), ownerId, url, Date.now()));
  const { prompt, repository, agentId, checkCommand, mode } = input;
  const request: TaskRequest = { taskId, ownerId, projectId, prompt, repository, agentId, checkCommand, mode };
  const outcome = await call<SubmitOutcome>(env.TASK_RUNNER.getByName(taskId).submit(request));
  if (!outcome.accepted) throw new ApiError("conflict", `taskId ${taskId} stands for another request. Draw a new one.`);
  if (!outcome.projected) {
    throw new ApiError("unavailable", `${taskId} is accepted and goes on, but its row could not be written yet.`);
  }
  return outcome.task;
}

async function ownRunner(env: Env, ownerId: UserId, taskId: string): Promise<DurableObjectStub<TaskRunner>> {
  if (isId("task", taskId) && (await call(ownsTask(drizzle(env.DB), ownerId, taskId)))) return runnerOf(env, taskId);
  throw new ApiError("not_found", `You have no task ${taskId}.`);
}

function runnerOf(env: Env, taskId: TaskId): DurableObjectStub<TaskRunner> {
  return env.TASK_RUNNER.getByName(taskId);
}

async function mustAwaitInput(runner: DurableObjectStub<TaskRunner>): Promise<void> {
  const { step, permission } = found(await call(runner.view()));
  if (step === "awaiting_input" && permission === null) return;
  const what = isFinal(step) ? "has ended" : "does not await you";
  throw new ApiError("not_allowed_now", `The task ${what}: it is ${step}. Nothing was changed.`);
}

function found(task: TaskView | null): TaskView {
  if (task === null) throw new ApiError("not_found", "The task's runner has no state; the sweep will end its row.");
  return task;
}

function call<Value>(work: PromiseLike<Value>): Promise<Value> {
  return within("the task's runner", callTimeoutMs, work);
}
