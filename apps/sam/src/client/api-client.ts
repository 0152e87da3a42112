/** The API as the commands speak it: every request has a deadline, every answer is parsed. */
import { setTimeout as sleep } from "node:timers/promises";

import { makeId, type TaskId } from "@sam/domain/ids";
import { messagePageSchema } from "@sam/protocol/message";
import { nodeListSchema } from "@sam/protocol/node-api";
import { systemSchema } from "@sam/protocol/system-api";
import {
  type submitTaskSchema,
  taskListSchema,
  type TaskRow,
  type TaskView,
  taskViewSchema,
  transitionSchema,
} from "@sam/protocol/task-api";
import { ulid } from "ulid";
import { z } from "zod";

import { parseJson } from "../data-directory/files.ts";
import { CommandError } from "../exit-code.ts";
import { exchange, type HttpAnswer } from "../http/exchange.ts";
import { apiError, ApiError, Unreachable } from "./api-error.ts";
import type { Endpoint, Locate } from "./endpoint.ts";

const timeoutMs = 15_000;
/** Accepting a task waits for its row, which may wait for a busy machine. */
const submitTimeoutMs = 30_000;
const submitTries = 5;
const retryDelayMs = 300;
const pageSize = 200;

const oneTaskSchema = z.object({ task: taskViewSchema });
const transitionsSchema = z.object({ transitions: z.array(transitionSchema) });

interface SendOptions {
  readonly body?: unknown;
  readonly timeoutMs?: number;
}

/** What a client sends; the task's id is drawn here. */
export type TaskRequest = Omit<z.input<typeof submitTaskSchema>, "taskId">;

export class ApiClient {
  readonly locate: Locate;

  constructor(locate: Locate) {
    this.locate = locate;
  }

  /**
   * Submits a task under an id of our own, so that a request whose answer got lost is sent again and makes one task.
   * Throws an ApiError where it was refused.
   */
  async submit(request: TaskRequest, taskId: TaskId = makeId("task", ulid())): Promise<TaskView> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { task } = await this.#send("POST", "/api/tasks", oneTaskSchema, {
          body: { ...request, taskId },
          timeoutMs: submitTimeoutMs,
        });
        return task;
      } catch (error) {
        const lost = error instanceof Unreachable || (error instanceof ApiError && error.status >= 500);
        if (!lost || attempt === submitTries) throw error;
        await sleep(retryDelayMs * 2 ** (attempt - 1));
      }
    }
  }

  async task(taskId: string): Promise<TaskView> {
    return (await this.#send("GET", `/api/tasks/${taskId}`, oneTaskSchema)).task;
  }

  transitions(taskId: string) {
    return this.#send("GET", `/api/tasks/${taskId}/transitions`, transitionsSchema).then(
      ({ transitions }) => transitions,
    );
  }

  /** @returns a page of the conversation, from the message after `seq`. */
  messages(taskId: string, seq: number) {
    return this.#send("GET", `/api/tasks/${taskId}/messages?after=${seq}`, messagePageSchema);
  }

  /** @returns a page of the list, newest first. */
  tasks(options: { before?: string; step?: string; limit?: number } = {}) {
    const query = new URLSearchParams({ limit: String(options.limit ?? pageSize) });
    if (options.before !== undefined) query.set("before", options.before);
    if (options.step !== undefined) query.set("step", options.step);
    return this.#send("GET", `/api/tasks?${query.toString()}`, taskListSchema);
  }

  /** Walks the pages, newest first, until `visit` returns false. */
  async eachTask(visit: (row: TaskRow) => boolean): Promise<void> {
    let before: string | null = null;
    do {
      const page: z.infer<typeof taskListSchema> = await this.tasks(before === null ? {} : { before });
      if (!page.tasks.every(visit)) return;
      before = page.nextBefore;
    } while (before !== null);
  }

  cancel(taskId: string) {
    return this.#send("POST", `/api/tasks/${taskId}/cancel`, oneTaskSchema).then(({ task }) => task);
  }

  answer(taskId: string, body: { requestId: string; optionId: string | null }) {
    return this.#send("POST", `/api/tasks/${taskId}/answers`, oneTaskSchema, { body }).then(({ task }) => task);
  }

  nodes() {
    return this.#send("GET", "/api/nodes", nodeListSchema);
  }

  system() {
    return this.#send("GET", "/api/system", systemSchema);
  }

  async #send<Schema extends z.ZodType>(
    method: "GET" | "POST",
    path: string,
    schema: Schema,
    options: SendOptions = {},
  ): Promise<z.output<Schema>> {
    const endpoint = this.locate();
    const { status, text } = await send(endpoint, method, path, options);
    if (status >= 400) throw apiError(status, text);
    const parsed = schema.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    throw new CommandError(
      `The control plane's answer to ${method} ${path} is not of its protocol:\n${z.prettifyError(parsed.error)}\n` +
        `It may be of another version than this command. Start SAM again: sam down && sam up`,
    );
  }
}

async function send(
  endpoint: Endpoint,
  method: "GET" | "POST",
  path: string,
  options: SendOptions,
): Promise<HttpAnswer> {
  try {
    return await exchange(`${endpoint.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${endpoint.token}`, "content-type": "application/json" },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      timeoutMs: options.timeoutMs ?? timeoutMs,
    });
  } catch (error) {
    throw new Unreachable(endpoint.url, error);
  }
}
