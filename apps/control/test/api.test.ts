import { problemSchema, type Problem } from "@sam/protocol/problem";
import { maxPromptBytes, taskListSchema } from "@sam/protocol/task-api";
/**
 * The API as a stranger, a client in a hurry and a client with mistakes meet it: nothing without a session, nothing of
 * another owner, every bad field named, and what was accepted accepted once.
 */
import { createExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import worker from "../src/worker.ts";
import { minuteMs, Scene } from "./support/scene.ts";
import { taskIn } from "./support/steps.ts";
import { Client, double, evictAndRunAlarm, eventually, newTaskId, tokenFor } from "./support/world.ts";

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

afterEach(() => {
  Object.assign(env, { SETTINGS: "{}", OUTAGES: "[]" });
});

const bodies: Readonly<Record<string, unknown>> = {
  "POST /api/tasks": { prompt: "Say hello", repository },
  "POST /api/tasks/{taskId}/answers": { requestId: "permission-1", optionId: null },
  "POST /api/tasks/{taskId}/messages": { prompt: "And now?" },
};

/** A good request of this route, for that task and that node. */
function call(client: Client, { method, path }: Route, taskId: string, nodeId: string): Promise<Response> {
  const url = path.replace("{taskId}", taskId).replace("{nodeId}", nodeId);
  const headers: Record<string, string> = path.endsWith("/stream") ? { upgrade: "websocket" } : {};
  const body = bodies[`${method} ${path}`];
  if (body === undefined) return client.fetch(url, { method, headers });
  const json = { ...headers, "content-type": "application/json" };
  return client.fetch(url, { method, headers: json, body: JSON.stringify(body) });
}

async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get("content-type")).toContain("application/problem+json");
  const problem = problemSchema.parse(await response.json());
  expect(problem.status).toBe(response.status);
  return problem;
}

describe("the map", () => {
  it("the document names every route, each with a summary and the shape of its problems", async () => {
    expect(routes.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([
      "GET /api/nodes",
      "GET /api/nodes/{nodeId}",
      "GET /api/openapi.json",
      "GET /api/projects",
      "GET /api/system",
      "GET /api/tasks",
      "GET /api/tasks/{taskId}",
      "GET /api/tasks/{taskId}/messages",
      "GET /api/tasks/{taskId}/stream",
      "GET /api/tasks/{taskId}/transitions",
      "POST /api/nodes/{nodeId}/destroy",
      "POST /api/tasks",
      "POST /api/tasks/{taskId}/answers",
      "POST /api/tasks/{taskId}/cancel",
      "POST /api/tasks/{taskId}/deliver",
      "POST /api/tasks/{taskId}/messages",
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

  it("outside of /api there is nothing", async () => {
    const scene = await Scene.open();
    expect((await scene.client.fetch("/")).status).toBe(404);
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
    const ofOne = routes.filter(({ path }) => path.includes("{"));
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
    for (const list of ["/api/tasks", "/api/nodes", "/api/projects", "/api/system"]) {
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

describe("submitting", () => {
  it("twice with one id is one task, also at once; the same id for something else is refused", async () => {
    const scene = await Scene.open({ status: "initializing" });
    const taskId = newTaskId();
    const body = { taskId, prompt: "Say hello", repository };
    const answers = await Promise.all(Array.from({ length: 5 }, () => scene.client.post("/api/tasks", body)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    await scene.inStep(taskId, "node_provisioning");
    expect((await scene.client.post("/api/tasks", body)).status).toBe(201);
    for (const other of [{ prompt: "Say goodbye" }, { agentId: "other" }, { checkCommand: "npm test" }]) {
      const response = await scene.client.post("/api/tasks", { ...body, ...other });
      expect(response.status).toBe(409);
      expect((await problemOf(response)).detail).toContain(taskId);
    }
    expect((await scene.client.task(taskId)).prompt).toBe("Say hello");
    expect((await scene.client.messages(taskId)).filter(({ body: said }) => said.kind === "step")).toHaveLength(2);
    await scene.settled(taskId, await scene.nodeOf(taskId));
    expect((await double.state()).creates).toBe(1);
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it("two tasks on one repository are of one project", async () => {
    const scene = await Scene.open({ status: "initializing" });
    await Promise.all([scene.submit(), scene.submit(), scene.submit()]);
    const { projects } = z
      .object({ projects: z.array(z.object({ repositoryUrl: z.string(), name: z.string() })) })
      .parse(await (await scene.client.fetch("/api/projects")).json());
    expect(projects).toEqual([{ repositoryUrl: "/srv/project.git", name: "project" }]);
  });

  it("a path on this machine is refused where the nodes are elsewhere", async () => {
    const scene = await Scene.open();
    const token = await tokenFor(scene.ownerId);
    const request = new Request<unknown, IncomingRequestCfProperties>("http://control.test/api/tasks", {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ prompt: "Say hello", repository }),
    });
    const response = await worker.fetch(request, { ...env, PROVIDER: "elsewhere" }, createExecutionContext());
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors).toMatchObject([{ field: "repository.url" }]);
  });
});

describe("the list of tasks", () => {
  async function pages(scene: Scene, limit: number): Promise<string[][]> {
    const found: string[][] = [];
    for (let before: string | null = ""; before !== null;) {
      const query: string = before === "" ? "" : `&before=${before}`;
      const response = await scene.client.fetch(`/api/tasks?limit=${limit}${query}`);
      const page = taskListSchema.parse(await response.json());
      found.push(page.tasks.map(({ taskId }) => taskId));
      before = page.nextBefore;
    }
    return found;
  }

  it("comes in pages without a gap and without a double, newest first", async () => {
    const scene = await Scene.open({ status: "initializing" });
    const taskIds: string[] = [];
    for (let count = 0; count < 7; count += 1) {
      taskIds.push(await scene.submit());
      scene.clock.advance(1);
    }
    const newestFirst = taskIds.toReversed();
    for (const limit of [1, 3, 7, 50]) expect((await pages(scene, limit)).flat()).toEqual(newestFirst);
    expect((await pages(scene, 3)).map(({ length }) => length)).toEqual([3, 3, 1]);
  });

  it("shows those in one step alone", async () => {
    const { scene, taskId } = await taskIn("workspace_creation");
    await scene.submit({ repository: { url: "/srv/other.git" } });
    const response = await scene.client.fetch("/api/tasks?step=workspace_creation");
    const { tasks } = taskListSchema.parse(await response.json());
    expect(tasks.map((task) => task.taskId)).toContain(taskId);
    expect(tasks.every(({ step }) => step === "workspace_creation")).toBe(true);
  });

  it("one row that cannot be read hides no other, and is named", async () => {
    const scene = await Scene.open({ status: "initializing" });
    const [good, bad, alsoGood] = [await scene.submit(), await scene.submit(), await scene.submit()];
    await scene.settled(bad);
    await env.DB.prepare("UPDATE tasks SET step = 'dreaming' WHERE task_id = ?").bind(bad).run();
    const page = taskListSchema.parse(await (await scene.client.fetch("/api/tasks")).json());
    expect(page.tasks.map(({ taskId }) => taskId).toSorted()).toEqual([good, alsoGood].toSorted());
    expect(page.unreadable).toEqual([bad]);
    // The task itself is its runner's, and whole.
    expect((await scene.client.task(bad)).step).toBe("node_provisioning");
  });
});

describe("what the installation is given", () => {
  it.each([
    [{ SETTINGS: "{" }, "SETTINGS"],
    [{ SETTINGS: "[1]" }, "SETTINGS"],
    [{ SETTINGS: '{"warmMinutes":1}' }, "SETTINGS.warmMinutes"],
    [{ SETTINGS: '{"warmMs":0}' }, "SETTINGS.warmMs"],
    [{ SETTINGS: '{"warmMs":1.5}' }, "SETTINGS.warmMs"],
    [{ SETTINGS: '{"warmMs":"1"}' }, "SETTINGS.warmMs"],
    [{ OUTAGES: "" }, "OUTAGES"],
    [{ OUTAGES: "{}" }, "OUTAGES"],
    [{ OUTAGES: '[{"from":1}]' }, "OUTAGES.0.to"],
    [{ OUTAGES: '[{"from":2,"to":1}]' }, "OUTAGES.0.to"],
  ])("%j: the first request says which field is wrong", async (wrong, field) => {
    for (const path of ["/api/health", "/api/tasks", "/api/node-channel/node_1"]) {
      const request = new Request<unknown, IncomingRequestCfProperties>(`http://control.test${path}`);
      const response = await worker.fetch(request, { ...env, ...wrong }, createExecutionContext());
      expect(response.status).toBe(500);
      const { detail } = await problemOf(response);
      expect(detail).toMatch(new RegExp(`^${field.replaceAll(".", "\\.")}: `));
    }
  });
});

describe("outages of the control plane", () => {
  async function outage(scene: Scene, ms: number): Promise<void> {
    const from = scene.clock.now;
    scene.clock.advance(ms);
    Object.assign(env, { OUTAGES: JSON.stringify([{ from, to: scene.clock.now }]) });
    await Promise.resolve();
  }

  it("push deadlines back by their length, and move no clock and no row", async () => {
    const { scene, taskId, nodeId } = await taskIn("node_provisioning");
    if (nodeId === null) throw new Error("no node");
    const before = await scene.client.task(taskId);
    const row = await scene.client.row(taskId);
    const deadlineAt = before.deadlineAt ?? 0;
    await scene.pass(minuteMs);
    await outage(scene, 60 * minuteMs);
    // The objects are started anew, and their overdue alarms fire.
    await evictAndRunAlarm(taskId);
    await evictAndRunAlarm(nodeId);
    const after = await scene.client.task(taskId);
    expect(after.deadlineAt).toBe(deadlineAt + 60 * minuteMs);
    expect(after.clocks).toMatchObject({
      inStateSince: before.clocks.inStateSince,
      lastProgressAt: before.clocks.lastProgressAt,
    });
    expect(await scene.client.row(taskId)).toEqual(row);
    // To the sweep the row looks old; its runner says that it is not.
    const { parts } = await scene.sweep();
    expect(parts.find(({ part }) => part === "tasks")).toMatchObject({ looked: 1, acted: 0, failed: null });

    await scene.passUntil(deadlineAt + 60 * minuteMs - 1, taskId, nodeId);
    expect((await scene.client.task(taskId)).step).toBe("node_provisioning");
    await scene.pass(1, taskId);
    expect((await scene.client.task(taskId)).failure).toMatchObject({ reason: "provisioning_timeout" });
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it("are counted once, however often the objects are started anew", async () => {
    const { scene, taskId } = await taskIn("running");
    const { deadlineAt, progressDeadlineAt } = await scene.client.task(taskId);
    await outage(scene, 10 * minuteMs);
    for (let start = 0; start < 3; start += 1) await evictAndRunAlarm(taskId);
    expect(await scene.client.task(taskId)).toMatchObject({
      deadlineAt: (deadlineAt ?? 0) + 10 * minuteMs,
      progressDeadlineAt: (progressDeadlineAt ?? 0) + 10 * minuteMs,
      stalledSince: null,
    });
  });

  it("of the whole night lose no node: a VM agent that dials again in the morning is welcome", async () => {
    const { scene, taskId, nodeId, agent } = await taskIn("running");
    if (nodeId === null) throw new Error("no node");
    await outage(scene, 8 * 60 * minuteMs);
    await evictAndRunAlarm(nodeId);
    await evictAndRunAlarm(taskId);
    expect((await scene.node(nodeId)).state).toBe("ready");
    await agent?.connect();
    await eventually(
      "contact",
      () => scene.client.task(taskId),
      ({ clocks }) => clocks.lastContactAt === scene.clock.now,
    );
    expect((await scene.client.task(taskId)).step).toBe("running");
  });
});
