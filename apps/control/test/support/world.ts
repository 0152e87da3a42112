/** The Worker as a client, a provider and the clock meet it: everything enters by HTTP, by WebSocket or by the alarm. */
import { makeId, type NodeId, type TaskId, type UserId } from "@sam/domain/ids";
import { messagePageSchema, type Message } from "@sam/protocol/message";
import {
  taskListSchema,
  taskViewSchema,
  transitionSchema,
  type TaskRow,
  type TaskView,
  type TransitionView,
} from "@sam/protocol/task-api";
import { applyD1Migrations, evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { ulid } from "ulid";
import { expect, vi } from "vitest";
import { z } from "zod";

import { drawToken, hashToken } from "../../src/api/token.ts";
import { doubleStateSchema, type DoubleBehaviour, type DoubleState } from "./machine-host-double.ts";

export const owner: UserId = makeId("user", "01J00000000000000000000000");
export const stranger: UserId = makeId("user", "01J00000000000000000000001");

const ownTables = [
  "submissions",
  "tasks",
  "nodes",
  "workspaces",
  "projects",
  "sweep_memory",
  "audit_facts",
  "sweeps",
  "sweep_findings",
  "ledger",
  "secrets",
  "agent_settings",
  "sign_in_links",
  "web_sessions",
  "saved_works",
  "push_subscriptions",
  "push_receipts",
];

/** Migrates D1, empties it of what other tests left, and makes it count every change of a task's row. */
export async function prepareDatabase(): Promise<void> {
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  await env.DB.batch(ownTables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
  await env.DB.batch([
    env.DB.prepare("CREATE TABLE IF NOT EXISTS row_changes (task_id TEXT, step TEXT, updated_at INTEGER)"),
    ...["INSERT", "UPDATE", "DELETE"].map((change) => {
      const row = change === "DELETE" ? "OLD" : "NEW";
      return env.DB.prepare(
        `CREATE TRIGGER IF NOT EXISTS count_${change} AFTER ${change} ON tasks BEGIN
           INSERT INTO row_changes VALUES (${row}.task_id, ${row}.step, ${row}.updated_at); END`,
      );
    }),
  ]);
}

/** @returns a valid token of that user, as the launcher would have stored it. */
export async function tokenFor(ownerId: UserId, lifetimeMs = 365 * 24 * 3_600_000): Promise<string> {
  const token = drawToken();
  const now = Date.now();
  await env.DB.prepare("INSERT INTO api_tokens VALUES (?, ?, 'cli', ?, ?)")
    .bind(await hashToken(token), ownerId, now, now + lifetimeMs)
    .run();
  return token;
}

export class Client {
  readonly #token: string | null;

  constructor(token: string | null) {
    this.#token = token;
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#token !== null) headers.set("authorization", `Bearer ${this.#token}`);
    return exports.default.fetch(new Request(`http://control.test${path}`, { ...init, headers }));
  }

  post(path: string, body: unknown = {}): Promise<Response> {
    return this.fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  }

  async submit(body: Record<string, unknown> = {}): Promise<TaskView> {
    const repository = { url: "/srv/project.git", branch: null };
    const response = await this.post("/api/tasks", { prompt: "Say hello", repository, ...body });
    if (response.status !== 201) throw new Error(`not accepted: ${await response.text()}`);
    return taskOf(response);
  }

  async task(taskId: string): Promise<TaskView> {
    return taskOf(await this.fetch(`/api/tasks/${taskId}`));
  }

  async row(taskId: string): Promise<TaskRow | undefined> {
    const response = await this.fetch("/api/tasks?limit=200");
    return taskListSchema.parse(await response.json()).tasks.find((row) => row.taskId === taskId);
  }

  async messages(taskId: string): Promise<Message[]> {
    const response = await this.fetch(`/api/tasks/${taskId}/messages`);
    return messagePageSchema.parse(await response.json()).messages;
  }

  /** The steps that the task went through. */
  async transitions(taskId: string): Promise<string[]> {
    return (await this.transitionLog(taskId)).map(({ to }) => to);
  }

  async transitionLog(taskId: string): Promise<TransitionView[]> {
    const response = await this.fetch(`/api/tasks/${taskId}/transitions`);
    return z.object({ transitions: z.array(transitionSchema) }).parse(await response.json()).transitions;
  }

  cancel(taskId: string): Promise<Response> {
    return this.post(`/api/tasks/${taskId}/cancel`);
  }

  /** Opens the live stream. */
  async stream(taskId: string, after = 0): Promise<WebSocket> {
    const response = await this.fetch(`/api/tasks/${taskId}/stream?after=${after}`, {
      headers: { upgrade: "websocket" },
    });
    if (response.webSocket === null) throw new Error(`no stream: ${response.status}`);
    response.webSocket.accept();
    return response.webSocket;
  }
}

async function taskOf(response: Response): Promise<TaskView> {
  return z.object({ task: taskViewSchema }).parse(await response.json()).task;
}

/** Waits for a fact: asks until it holds, and fails with what it last saw when it does not in time. */
export async function eventually<Value>(
  what: string,
  look: () => Promise<Value> | Value,
  holds: (value: Value) => boolean,
  timeoutMs = 20_000,
): Promise<Value> {
  const until = performance.now() + timeoutMs;
  for (let restMs = 2; ; restMs = Math.min(restMs * 1.5, 40)) {
    const value = await look();
    if (holds(value)) return value;
    if (performance.now() > until) throw new Error(`${what} did not come: ${JSON.stringify(value)?.slice(0, 1500)}`);
    await scheduler.wait(restMs);
  }
}

export async function countRowChanges(taskId: string): Promise<number> {
  const row = await env.DB.prepare("SELECT count(*) AS n FROM row_changes WHERE task_id = ?").bind(taskId).first("n");
  return z.number().parse(row);
}

/**
 * One row change for each transition, in their order, each with the time of its transition: the rule that every whole
 * life of a task is held against.
 */
export async function expectOneRowChangeForEachTransition(client: Client, taskId: string): Promise<void> {
  const { results } = await env.DB.prepare("SELECT step, updated_at FROM row_changes WHERE task_id = ? ORDER BY rowid")
    .bind(taskId)
    .all();
  const transitions = await client.transitionLog(taskId);
  expect(results).toEqual(transitions.map(({ to, at }) => ({ step: to, updated_at: at })));
  expect(transitions.map(({ version }) => version)).toEqual(transitions.map((_transition, index) => index + 1));
}

/** Contiguous from 1: nothing lost, nothing twice, nothing out of order. */
export function expectContiguous(messages: readonly Message[]): void {
  expect(messages.map((message) => message.seq)).toEqual(messages.map((_message, index) => index + 1));
}

export const double = {
  reset: (behaviour: Partial<DoubleBehaviour> = {}) => steer("POST", behaviour),
  change: (behaviour: Partial<DoubleBehaviour>) => steer("PATCH", behaviour),
  state: () => steer("GET"),
};

async function steer(method: string, behaviour?: Partial<DoubleBehaviour>): Promise<DoubleState> {
  const body = behaviour === undefined ? {} : { body: JSON.stringify(behaviour) };
  const response = await env.MACHINE_HOST.fetch("http://machine-host/double", { method, ...body });
  return doubleStateSchema.parse(await response.json());
}

/**
 * A clock far enough ahead that no alarm fires by itself: the test moves time, and runs each alarm that has come due,
 * after the object was evicted.
 */
export class Clock {
  #nowMs = Date.now() + 30 * 24 * 3_600_000;

  constructor() {
    vi.setSystemTime(this.#nowMs);
  }

  get now(): number {
    return this.#nowMs;
  }

  advance(byMs: number): void {
    this.#nowMs += byMs;
    vi.setSystemTime(this.#nowMs);
  }
}

/** Evicts the object, so that all it had in memory is gone, and then runs its alarm, if it has one. */
export async function evictAndRunAlarm(id: TaskId | NodeId): Promise<boolean> {
  const stub = objectOf(id);
  await stub.probe();
  await evictDurableObject(stub);
  return runDurableObjectAlarm(stub);
}

export function objectOf(id: TaskId | NodeId) {
  return id.startsWith("task_") ? env.TASK_RUNNER.getByName(id) : env.NODE_LIFECYCLE.getByName(id);
}

export function newTaskId(): TaskId {
  return makeId("task", ulid());
}
