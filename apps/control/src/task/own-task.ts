/** The way from a request to one task: whose it is is asked first, and its TaskRunner answers within a deadline. */
import { z } from "@hono/zod-openapi";
import { isId, type TaskId, type UserId } from "@sam/domain/ids";
import { taskViewSchema, type TaskView } from "@sam/protocol/task-api";

import { ApiError } from "../api/problem-response.ts";
import { databaseOf } from "../database/built-once.ts";
import type { Env } from "../env.ts";
import { within } from "../lifecycle/deadline.ts";
import { ownsTask } from "./task-list.ts";
import type { TaskRunner } from "./task-runner-object.ts";
import { otherRequest, type AskedEvent, type AskOutcome, type Refusal, type SayOutcome } from "./user-request.ts";

export const taskParams = z.object({ taskId: z.string() });
export const oneTask = z.object({ task: taskViewSchema });

interface Words {
  readonly text: string;
  readonly interrupt: boolean;
  /** The id of the task that begins where this one has ended; else what tells these words from the same ones again. */
  readonly by: TaskId;
}

const callTimeoutMs = 10_000;

export async function ownRunner(env: Env, ownerId: UserId, taskId: string): Promise<DurableObjectStub<TaskRunner>> {
  if (isId("task", taskId) && (await call(ownsTask(databaseOf(env), ownerId, taskId)))) {
    return env.TASK_RUNNER.getByName(taskId);
  }
  throw new ApiError("not_found", `You have no task ${taskId}.`);
}

/** What the owner asks of a task. Whether it is allowed is decided where it is done, so two at once cannot both be. */
export async function ask(env: Env, ownerId: UserId, taskId: string, event: AskedEvent): Promise<TaskView> {
  const runner = await ownRunner(env, ownerId, taskId);
  const outcome = found(await call<AskOutcome | null>(runner.ask(event)));
  if (outcome.done) return outcome.task;
  throw refused(outcome.refusal);
}

/**
 * The owner says something more.
 * @returns the task that was told: this one, or the one that continues it.
 */
export async function say(env: Env, ownerId: UserId, taskId: string, words: Words): Promise<TaskView> {
  const { text, interrupt, by } = words;
  const runner = await ownRunner(env, ownerId, taskId);
  const said = runner.say({ type: "follow_up", text, interrupt, key: by }, by);
  const outcome = found(await call<SayOutcome | null>(said));
  if (!outcome.done) throw refused(outcome.refusal);
  if (!("continuedBy" in outcome)) return outcome.task;
  if (!outcome.begun) {
    throw new ApiError("unavailable", `${by} is accepted and will continue the task, but it has not begun yet.`);
  }
  const task = found(await call<TaskView | null>(env.TASK_RUNNER.getByName(by).view()));
  if (task.prompt !== text) throw refused(otherRequest(by));
  return task;
}

function refused({ code, detail, field }: Refusal): ApiError {
  return new ApiError(code, detail, field === null ? undefined : [{ field, message: detail }]);
}

export function found<Answer>(answer: Answer | null): Answer {
  if (answer === null) throw new ApiError("not_found", "The task's runner has no state; the sweep will end its row.");
  return answer;
}

export function call<Value>(work: PromiseLike<Value>): Promise<Value> {
  return within("the task's runner", callTimeoutMs, work);
}
