/**
 * The API as a stranger, a client in a hurry and a client with mistakes meet it: nothing without a session, nothing of
 * another owner, every bad field named, and what was accepted accepted once.
 */
import { maxPromptBytes, taskListSchema } from "@sam/protocol/task-api";
import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { problemOf } from "./support/problem.ts";
import { minuteMs, Scene } from "./support/scene.ts";
import { taskIn } from "./support/steps.ts";
import { Client, newTaskId, tokenFor } from "./support/world.ts";

const repository = { url: "/srv/project.git", branch: null };

const documentSchema = z.object({
  openapi: z.string(),
  info: z.object({ title: z.string(), version: z.string() }),
  paths: z.record(
    z.string(),
    z.partialRecord(
      z.enum(["get", "post", "put", "patch", "delete"]),
      z.object({ summary: z.string(), responses: z.record(z.string(), z.unknown()) }),
    ),
  ),
});

interface Route {
  readonly method: string;
  readonly path: string;
  readonly summary: string;
}

/** Every route of the OpenAPI document, and the stream, for which OpenAPI has no word. */
let routes: readonly Route[] = [];

beforeAll(async () => {
  const scene = await Scene.open();
  const document = documentSchema.parse(await (await scene.client.fetch("/api/openapi.json")).json());
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary }]) => ({ method: method.toUpperCase(), path, summary })),
  );
  routes = [
    ...described,
    { method: "GET", path: "/api/tasks/{taskId}/stream", summary: "the stream" },
    { method: "GET", path: "/api/openapi.json", summary: "the document itself" },
  ];
});

const bodies: Readonly<Record<string, unknown>> = {
  "POST /api/tasks": { prompt: "Say hello", repository },
  "POST /api/tasks/{taskId}/answers": { requestId: "permission-1", optionId: null },
  "POST /api/tasks/{taskId}/messages": { prompt: "And now?" },
  "POST /api/projects": { repositoryUrl: "/srv/project.git" },
  "PATCH /api/projects/{projectId}": { name: "Ours" },
  "PUT /api/agents/{agentId}/settings": { model: "gpt-6" },
  "POST /api/agents/{agentId}/check": {},
  "PUT /api/secrets/{name}": { value: "x" },
  "POST /api/session": { token: "x".repeat(43) },
  "POST /api/push-receipts": { pushId: "push-of-nobody", receiptToken: "x".repeat(43), seen: "shown" },
};

const nobodysProject = "proj_00000000000000000000000000";

/** A good request of this route, for that task and that node. */
function call(client: Client, { method, path }: Route, taskId: string, nodeId: string): Promise<Response> {
  const listed = { kind: "server", id: "srv-of-nobody" };
  const names = { taskId, nodeId, projectId: nobodysProject, agentId: "codex", name: "OPENAI_API_KEY", ...listed };
  const url = Object.entries(names).reduce((text, [name, value]) => text.replace(`{${name}}`, value), path);
  const headers: Record<string, string> = path.endsWith("/stream") ? { upgrade: "websocket" } : {};
  const body = bodies[`${method} ${path}`];
  if (body === undefined) return client.fetch(url, { method, headers });
  const json = { ...headers, "content-type": "application/json" };
  return client.fetch(url, { method, headers: json, body: JSON.stringify(body) });
}

describe("the map", () => {
  it("the document names every route, each with a summary and the shape of its problems", async () => {
    expect(routes.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([
      "DELETE /api/notifications/subscriptions/{subscriptionId}",
      "DELETE /api/saved-work/{taskId}",
      "DELETE /api/secrets/{name}",
      "DELETE /api/session",
      "GET /api/agents",
      "GET /api/audit",
      "GET /api/inbox",
      "GET /api/inbox/count",
      "GET /api/ledger",
      "GET /api/nodes",
      "GET /api/nodes/{nodeId}",
      "GET /api/notifications",
      "GET /api/openapi.json",
      "GET /api/projects",
      "GET /api/projects/{projectId}",
      "GET /api/saved-work",
      "GET /api/secrets",
      "GET /api/session",
      "GET /api/sweeps",
      "GET /api/system",
      "GET /api/tasks",
      "GET /api/tasks/{taskId}",
      "GET /api/tasks/{taskId}/as-of",
      "GET /api/tasks/{taskId}/cancel",
      "GET /api/tasks/{taskId}/export",
      "GET /api/tasks/{taskId}/messages",
      "GET /api/tasks/{taskId}/stream",
      "GET /api/tasks/{taskId}/transitions",
      "PATCH /api/projects/{projectId}",
      "POST /api/agents/{agentId}/check",
      "POST /api/ledger/{kind}/{id}/destroy",
      "POST /api/nodes/{nodeId}/destroy",
      "POST /api/notifications/subscriptions",
      "POST /api/notifications/subscriptions/{subscriptionId}/test",
      "POST /api/projects",
      "POST /api/push-receipts",
      "POST /api/secrets/rotate",
      "POST /api/session",
      "POST /api/sign-in-links",
      "POST /api/tasks",
      "POST /api/tasks/{taskId}/answers",
      "POST /api/tasks/{taskId}/cancel",
      "POST /api/tasks/{taskId}/deliver",
      "POST /api/tasks/{taskId}/interrupt",
      "POST /api/tasks/{taskId}/messages",
      "PUT /api/agents/{agentId}/settings",
      "PUT /api/secrets/{name}",
    ]);
    const scene = await Scene.open();
    const document = documentSchema.parse(await (await scene.client.fetch("/api/openapi.json")).json());
    expect(document.openapi).toBe("3.1.0");
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    expect(operations.filter(({ summary, responses }) => summary === "" || responses["default"] === undefined)).toEqual(
      [],
    );
  });

  it.each([
    ["GET", "/api/nothing"],
    ["GET", "/api/tasks/x/y/z"],
    ["DELETE", "/api/tasks"],
    ["PUT", "/api/system"],
    ["POST", "/api/openapi.json"],
  ])("%s %s is not here: 404 with a problem", async (method, path) => {
    const scene = await Scene.open();
    const response = await scene.client.fetch(path, { method });
    expect(response.status).toBe(404);
    expect(await problemOf(response)).toMatchObject({ code: "not_found", detail: expect.stringContaining(path) });
  });

  it("health needs no session and says nothing but that it lives", async () => {
    const response = await exports.default.fetch("http://control.test/api/health");
    expect(await response.json()).toEqual({ ok: true, version: "0.1.0" });
  });
});

describe("no session", () => {
  it.each([
    ["no token", () => Promise.resolve(null)],
    ["a token that nobody gave", () => Promise.resolve("x".repeat(43))],
    ["a token that is none", () => Promise.resolve("' OR 1=1 --")],
    ["an expired token", async () => tokenFor((await Scene.open()).ownerId, -1)],
  ])("%s: 401 on every route", async (_what, tokenOf) => {
    const client = new Client(await tokenOf());
    expect(routes.length).toBeGreaterThan(10);
    for (const route of routes) {
      const response = await call(client, route, newTaskId(), "node_00000000000000000000000000");
      expect({ route, status: response.status }).toEqual({ route, status: 401 });
      expect((await problemOf(response)).code).toBe("unauthenticated");
    }
  });

  it("a token that expires in use opens nothing any more", async () => {
    const scene = await Scene.open();
    const client = new Client(await tokenFor(scene.ownerId, minuteMs));
    expect((await client.fetch("/api/tasks")).status).toBe(200);
    scene.clock.advance(minuteMs);
    expect((await client.fetch("/api/tasks")).status).toBe(401);
    await scene.sweep();
    const { n } = (await env.DB.prepare("SELECT count(*) AS n FROM api_tokens WHERE expires_at <= ?")
      .bind(scene.clock.now)
      .first<{ n: number }>()) ?? { n: -1 };
    expect(n).toBe(0);
  });
});

describe("another owner", () => {
  it("finds nothing on any route, changes nothing, and learns nothing", async () => {
    const { scene, taskId, nodeId } = await taskIn("workspace_creation", { prompt: "A secret of the owner" });
    if (nodeId === null) throw new Error("no node");
    const other = await scene.beside();
    const before = { task: await scene.client.task(taskId), node: await scene.node(nodeId) };
    const ofOne = routes.filter(({ path }) => /\{(task|node|project)Id\}/.test(path));
    expect(ofOne.length).toBeGreaterThan(8);
    for (const route of ofOne) {
      const response = await call(other.client, route, taskId, nodeId);
      expect({ route, status: response.status }).toEqual({ route, status: 404 });
      const problem = await problemOf(response);
      expect(problem.code).toBe("not_found");
      expect(JSON.stringify(problem)).not.toMatch(/secret|workspace_creation|project\.git/);
      // The same words as for what does not exist at all.
      const nobodys = await call(other.client, route, newTaskId(), "node_00000000000000000000000000");
      expect((await problemOf(nobodys)).title).toBe(problem.title);
    }
    for (const list of ["/api/tasks", "/api/nodes", "/api/projects", "/api/system", "/api/audit"]) {
      const text = await (await other.client.fetch(list)).text();
      expect(text).not.toMatch(new RegExp(`${taskId}|${nodeId}|secret|project\\.git`));
    }
    expect({ task: await scene.client.task(taskId), node: await scene.node(nodeId) }).toEqual(before);
  });

  it("cannot take over a task's id: 409, and the task is what it was", async () => {
    const scene = await Scene.open({ status: "initializing" });
    const taskId = await scene.submit();
    const other = await scene.beside();
    const response = await other.client.post("/api/tasks", { taskId, prompt: "Say hello", repository });
    expect(response.status).toBe(409);
    expect((await problemOf(response)).code).toBe("conflict");
    expect(await other.client.row(taskId)).toBeUndefined();
    expect((await scene.client.task(taskId)).prompt).toBe("Say hello");
  });
});

describe("a bad request", () => {
  const tooLong = "€".repeat(Math.floor(maxPromptBytes / 3) + 1);
  it.each([
    ["an empty prompt", { prompt: "" }, "prompt"],
    ["a prompt of spaces", { prompt: " \n\t " }, "prompt"],
    ["a prompt over 64 KB, though not in characters", { prompt: tooLong }, "prompt"],
    ["a prompt with a NUL", { prompt: "a\0b" }, "prompt"],
    ["no prompt", { prompt: undefined }, "prompt"],
    ["a prompt that is no text", { prompt: 7 }, "prompt"],
    ["no repository", { repository: undefined }, "repository"],
    ["an empty URL", { repository: { url: "" } }, "repository.url"],
    ["a relative path", { repository: { url: "project" } }, "repository.url"],
    ["a URL of an unknown kind", { repository: { url: "ftp://host/x.git" } }, "repository.url"],
    ["a URL with a password", { repository: { url: "https://me:secret@host/x.git" } }, "repository.url"],
    ["a URL with a line break", { repository: { url: "/srv/a\nb" } }, "repository.url"],
    ["a branch that git refuses", { repository: { url: "/srv/x.git", branch: "a..b" } }, "repository.branch"],
    [
      "a branch that looks like an option",
      { repository: { url: "/srv/x.git", branch: "--upload-pack=x" } },
      "repository.branch",
    ],
    ["an empty branch", { repository: { url: "/srv/x.git", branch: "" } }, "repository.branch"],
    ["an agent's id that is none", { agentId: "../bin/sh" }, "agentId"],
    ["an empty check command", { checkCommand: "" }, "checkCommand"],
    ["an unknown mode", { mode: "later" }, "mode"],
    ["a task id of the wrong shape", { taskId: "task_1" }, "taskId"],
    ["another noun's id", { taskId: "node_00000000000000000000000000" }, "taskId"],
  ])("%s: 422 that names the field, and no task", async (_what, change, field) => {
    const scene = await Scene.open();
    const response = await scene.client.post("/api/tasks", { prompt: "Say hello", repository, ...change });
    expect(response.status).toBe(422);
    const problem = await problemOf(response);
    expect(problem.code).toBe("invalid_input");
    expect(problem.errors?.map((error) => error.field)).toEqual([field]);
    expect(problem.detail).toContain(field);
    expect(JSON.stringify(problem)).not.toContain("secret@");
    const list = taskListSchema.parse(await (await scene.client.fetch("/api/tasks")).json());
    expect(list.tasks).toEqual([]);
  });

  it("several bad fields are all named at once", async () => {
    const scene = await Scene.open();
    const response = await scene.client.post("/api/tasks", { prompt: "", repository: { url: "" }, agentId: "?" });
    const fields = (await problemOf(response)).errors?.map(({ field }) => field);
    expect(new Set(fields)).toEqual(new Set(["prompt", "repository.url", "agentId"]));
  });

  it.each([
    ["GET", "/api/tasks?limit=0", "limit"],
    ["GET", "/api/tasks?limit=many", "limit"],
    ["GET", "/api/tasks?step=sleeping", "step"],
    ["GET", "/api/tasks?before=yesterday", "before"],
  ])("%s %s: 422 that names %s", async (method, path, field) => {
    const scene = await Scene.open();
    const response = await scene.client.fetch(path, { method });
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors?.map((error) => error.field)).toEqual([field]);
  });

  it.each(["messages?after=-1", "messages?after=x", "messages?limit=0", "stream?after=-1", "stream?after=half"])(
    "%s: 422, whatever the task",
    async (route) => {
      const scene = await Scene.open({ status: "initializing" });
      const taskId = await scene.submit();
      const headers = { upgrade: "websocket" };
      const response = await scene.client.fetch(`/api/tasks/${taskId}/${route}`, { headers });
      expect(response.status).toBe(422);
      expect((await problemOf(response)).errors?.[0]?.field).toMatch(/^(after|limit)$/);
    },
  );

  it("a stream that is asked for without an upgrade is explained", async () => {
    const scene = await Scene.open({ status: "initializing" });
    const response = await scene.client.fetch(`/api/tasks/${await scene.submit()}/stream`);
    expect(response.status).toBe(422);
    expect((await problemOf(response)).detail).toContain("WebSocket");
  });

  it.each([
    ["not JSON", "application/json", "{"],
    ["nothing", "application/json", ""],
    ["another type", "text/plain", JSON.stringify({ prompt: "Say hello", repository })],
    ["a form", "application/x-www-form-urlencoded", "prompt=Say+hello"],
    ["a list", "application/json", "[]"],
  ])("a body that is %s: a problem of the request, and no task", async (_what, contentType, body) => {
    const scene = await Scene.open();
    const headers = { "content-type": contentType };
    const response = await scene.client.fetch("/api/tasks", { method: "POST", headers, body });
    expect(response.status).toBe(422);
    expect((await problemOf(response)).code).toBe("invalid_input");
    const { tasks } = taskListSchema.parse(await (await scene.client.fetch("/api/tasks")).json());
    expect(tasks).toEqual([]);
  });

  it("a body over the limit: 413, with or without its length", async () => {
    const scene = await Scene.open();
    const body = JSON.stringify({ prompt: "x".repeat(600_000), repository });
    const headers = { "content-type": "application/json" };
    const told = await scene.client.fetch("/api/tasks", { method: "POST", headers, body });
    expect(told.status).toBe(413);
    expect((await problemOf(told)).code).toBe("payload_too_large");
    const stream = new Blob([body]).stream();
    const untold = await scene.client.fetch("/api/tasks", { method: "POST", headers, body: stream });
    expect(untold.status).toBe(413);
  });

  it("a prompt of exactly 64 KB of the widest characters is accepted", async () => {
    const scene = await Scene.open({ status: "initializing" });
    const prompt = "😀".repeat(maxPromptBytes / 4);
    const taskId = await scene.submit({ prompt });
    expect((await scene.client.task(taskId)).prompt).toBe(prompt);
  });
});
