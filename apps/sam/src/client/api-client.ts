/** The API as the commands speak it: every request has a deadline, every answer is parsed. */
import { setTimeout as sleep } from "node:timers/promises";

import { makeId, type TaskId } from "@sam/domain/ids";
import { inboxSchema } from "@sam/protocol/inbox-api";
import { messagePageSchema } from "@sam/protocol/message";
import { nodeListSchema } from "@sam/protocol/node-api";
import { systemSchema } from "@sam/protocol/system-api";
import {
  type answerSchema,
  type followUpSchema,
  type submitTaskSchema,
  taskListSchema,
  type TaskRow,
  type TaskView,
  taskViewSchema,
  transitionSchema,
} from "@sam/protocol/task-api";
import { ulid } from "ulid";
import { z } from "zod";

import type { HttpMethod } from "../http/exchange.ts";
import { ApiError, Unreachable } from "./api-error.ts";
import { requestJson, type RequestOptions } from "./api-request.ts";
import type { Locate } from "./endpoint.ts";

/** Accepting a task waits for its row, which may wait for a busy machine. */
const submitTimeoutMs = 30_000;
const submitTries = 5;
const retryDelayMs = 300;
const patienceMs = 2_000;
const pageSize = 200;

export const oneTaskSchema = z.object({ task: taskViewSchema });
const transitionsSchema = z.object({ transitions: z.array(transitionSchema) });

/** What a client sends; the task's id is drawn here. */
export type TaskRequest = Omit<z.input<typeof submitTaskSchema>, "taskId">;
export type FollowUp = z.input<typeof followUpSchema>;

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
        const { task } = await this.request("POST", "/api/tasks", oneTaskSchema, {
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
    return (await this.request("GET", `/api/tasks/${taskId}`, oneTaskSchema)).task;
  }

  transitions(taskId: string) {
    return this.request("GET", `/api/tasks/${taskId}/transitions`, transitionsSchema).then(
      ({ transitions }) => transitions,
    );
  }

  /** @returns a page of the conversation, from the message after `seq`. */
  messages(taskId: string, seq: number) {
    return this.request("GET", `/api/tasks/${taskId}/messages?after=${seq}`, messagePageSchema);
  }

  /** @returns a page of the list, newest first. */
  tasks(options: { before?: string; step?: string; limit?: number } = {}) {
    const query = new URLSearchParams({ limit: String(options.limit ?? pageSize) });
    if (options.before !== undefined) query.set("before", options.before);
    if (options.step !== undefined) query.set("step", options.step);
    return this.request("GET", `/api/tasks?${query.toString()}`, taskListSchema);
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
    return this.#ask(taskId, "cancel");
  }

  answer(taskId: string, body: z.input<typeof answerSchema>) {
    return this.#ask(taskId, "answers", { body });
  }

  /**
   * Says something more to a task: its next turn, what comes after this one, or a task that continues it. Only the last
   * may be sent twice.
   */
  say(taskId: string, body: FollowUp) {
    return this.#ask(taskId, "messages", { body, timeoutMs: submitTimeoutMs });
  }

  /** Cancels the turn that runs, so that the task awaits its person. */
  interrupt(taskId: string) {
    return this.#ask(taskId, "interrupt");
  }

  deliver(taskId: string) {
    return this.#ask(taskId, "deliver");
  }

  /** What awaits the person, over all projects, oldest first. */
  inbox() {
    return this.request("GET", "/api/inbox", inboxSchema);
  }

  nodes() {
    return this.request("GET", "/api/nodes", nodeListSchema);
  }

  system() {
    return this.request("GET", "/api/system", systemSchema);
  }

  #ask(taskId: string, what: string, options: RequestOptions = {}): Promise<TaskView> {
    return this.request("POST", `/api/tasks/${taskId}/${what}`, oneTaskSchema, options).then(({ task }) => task);
  }

  /**
   * Any other route. Throws an ApiError where it was refused, Unreachable where nothing answered. What may be sent twice is
   * sent again for a moment: a control plane that is given new keys is away for as long as it takes to start.
   */
  async request<Schema extends z.ZodType>(
    method: HttpMethod,
    path: string,
    schema: Schema,
    options: RequestOptions = {},
  ): Promise<z.output<Schema>> {
    const patientUntil = isRepeatable(method) ? Date.now() + patienceMs : 0;
    for (;;) {
      try {
        return await requestJson(this.locate(), { ...options, method, path }, schema);
      } catch (error) {
        if (!(error instanceof Unreachable) || Date.now() > patientUntil) throw error;
        await sleep(retryDelayMs);
      }
    }
  }
}

function isRepeatable(method: HttpMethod): boolean {
  return method === "GET" || method === "PUT" || method === "PATCH";
}
