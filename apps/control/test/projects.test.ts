/** Projects and their defaults: what a task has that says nothing else, and whom a project answers to. */
import { oneProjectSchema, projectListSchema, type ProjectView } from "@sam/protocol/project-api";
import { taskListSchema } from "@sam/protocol/task-api";
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";

import worker from "../src/worker.ts";
import { newOwner, onlyOwner, sendJson } from "./support/own-client.ts";
import { problemOf } from "./support/problem.ts";
import { Scene } from "./support/scene.ts";
import { tokenFor, type Client } from "./support/world.ts";

const repositoryUrl = "/srv/project.git";
const shipped = { agentId: "runbook", checkCommand: null, permissionPolicy: "ask", mode: "task" };
const chosen = { agentId: "codex", checkCommand: "npm test", permissionPolicy: "allow_edits", mode: "conversation" };

async function projectOf(response: Response, status = 200): Promise<ProjectView> {
  expect(response.status).toBe(status);
  return oneProjectSchema.parse(await response.json()).project;
}

async function make(client: Client, body: Record<string, unknown> = {}): Promise<ProjectView> {
  return projectOf(await client.post("/api/projects", { repositoryUrl, ...body }), 201);
}

const change = (client: Client, projectId: string, body: unknown) =>
  sendJson(client, "PATCH", `/api/projects/${projectId}`, body);

describe("a project that cannot be", () => {
  it.each([
    ["no repository", { repositoryUrl: undefined }, "repositoryUrl"],
    ["a repository of an unknown kind", { repositoryUrl: "ftp://host/x" }, "repositoryUrl"],
    ["a URL with a password", { repositoryUrl: "https://me:secret@host/x.git" }, "repositoryUrl"],
    ["an empty name", { name: "  " }, "name"],
    ["a name that is too long", { name: "x".repeat(129) }, "name"],
    ["an agent's id that is none", { defaults: { agentId: "../sh" } }, "defaults.agentId"],
    ["an empty check command", { defaults: { checkCommand: "" } }, "defaults.checkCommand"],
    ["an unknown policy", { defaults: { permissionPolicy: "allow" } }, "defaults.permissionPolicy"],
    ["an unknown mode", { defaults: { mode: "later" } }, "defaults.mode"],
  ])("%s: 422 that names the field, and no project", async (_what, body, field) => {
    const { client } = await onlyOwner();
    const response = await client.post("/api/projects", { repositoryUrl, ...body });
    expect(response.status).toBe(422);
    const problem = await problemOf(response);
    expect(problem.errors?.map((error) => error.field)).toEqual([field]);
    expect(JSON.stringify(problem)).not.toContain("secret@");
    expect(await (await client.fetch("/api/projects")).json()).toEqual({ projects: [] });
  });

  it("a path on one's own disk, in an installation whose nodes are elsewhere: 422", async () => {
    const { ownerId } = await onlyOwner();
    const headers = { authorization: `Bearer ${await tokenFor(ownerId)}`, "content-type": "application/json" };
    const request = new Request<unknown, IncomingRequestCfProperties>("http://control.test/api/projects", {
      method: "POST",
      headers,
      body: JSON.stringify({ repositoryUrl }),
    });
    const response = await worker.fetch(request, { ...env, PROVIDER: "hetzner" }, createExecutionContext());
    expect((await problemOf(response)).errors?.[0]?.field).toBe("repositoryUrl");
  });

  it("a change of what cannot be: 422, and it is what it was", async () => {
    const { client } = await onlyOwner();
    const project = await make(client);
    const response = await change(client, project.projectId, { defaults: { agentId: null } });
    expect((await problemOf(response)).errors?.[0]?.field).toBe("defaults.agentId");
    expect(await projectOf(await client.fetch(`/api/projects/${project.projectId}`))).toEqual(project);
  });

  it.each(["proj_00000000000000000000000000", "proj_1", "task_00000000000000000000000000"])(
    "%s is none: 404",
    async (projectId) => {
      const { client } = await onlyOwner();
      expect((await client.fetch(`/api/projects/${projectId}`)).status).toBe(404);
      expect((await change(client, projectId, { name: "Mine" })).status).toBe(404);
      expect((await change(client, projectId, {})).status).toBe(404);
    },
  );

  it("another owner's is not found, not listed, and not changed", async () => {
    const { client } = await onlyOwner();
    const project = await make(client);
    const other = await newOwner();
    expect((await other.client.fetch(`/api/projects/${project.projectId}`)).status).toBe(404);
    expect((await change(other.client, project.projectId, { name: "Theirs" })).status).toBe(404);
    expect(await (await other.client.fetch("/api/projects")).json()).toEqual({ projects: [] });
    expect(await projectOf(await client.fetch(`/api/projects/${project.projectId}`))).toEqual(project);
    // Of the same repository they have a project of their own.
    expect((await make(other.client)).projectId).not.toBe(project.projectId);
  });
});

describe("a project", () => {
  it("is made once, though two ask at the same time, with SAM's defaults where nothing is said", async () => {
    const { client } = await onlyOwner();
    const made = await Promise.all([make(client), make(client), make(client)]);
    expect(new Set(made.map(({ projectId }) => projectId)).size).toBe(1);
    expect(made[0]).toMatchObject({ repositoryUrl, name: "project", defaults: shipped });
    const { projects } = projectListSchema.parse(await (await client.fetch("/api/projects")).json());
    expect(projects).toEqual([made[0]]);
  });

  it("takes what is said of it, at once and later; what is left out stays, and null takes a command away", async () => {
    const { client } = await onlyOwner();
    const project = await make(client, { name: "Ours", defaults: chosen });
    expect(project).toMatchObject({ name: "Ours", defaults: chosen });
    expect(await make(client)).toEqual(project);
    const { projectId } = project;
    const renamed = await projectOf(await change(client, projectId, { name: " Hers " }));
    expect(renamed).toMatchObject({ name: "Hers", defaults: chosen });
    const unchecked = await projectOf(await change(client, projectId, { defaults: { checkCommand: null } }));
    expect(unchecked.defaults).toEqual({ ...chosen, checkCommand: null });
    expect(await projectOf(await change(client, projectId, {}))).toEqual(unchecked);
  });
});

describe("a task of a project with defaults", () => {
  it("has them where it says nothing, and its own where it does", async () => {
    const scene = await Scene.open({ status: "initializing" });
    const { projectId } = await make(scene.client, { defaults: chosen });
    expect(await scene.client.submit()).toMatchObject({ projectId, ...chosen });
    expect(await scene.client.submit(shipped)).toMatchObject({ projectId, ...shipped });
    expect(await scene.client.submit({ mode: "task" })).toMatchObject({ ...chosen, mode: "task" });
    const elsewhere = await scene.client.submit({ repository: { url: "/srv/other.git" } });
    expect(elsewhere).toMatchObject(shipped);
    expect(elsewhere.projectId).not.toBe(projectId);
  });

  it("is what it was when it was submitted, whatever its project becomes", async () => {
    const scene = await Scene.open({ status: "initializing" });
    const task = await scene.client.submit();
    await change(scene.client, task.projectId, { defaults: chosen });
    expect(await scene.client.task(task.taskId)).toMatchObject(shipped);
  });

  it("is listed by its project", async () => {
    const scene = await Scene.open({ status: "initializing" });
    const one = await scene.client.submit();
    const other = await scene.client.submit({ repository: { url: "/srv/other.git" } });
    const idsOf = async (query: string) => {
      const response = await scene.client.fetch(`/api/tasks?${query}`);
      return taskListSchema.parse(await response.json()).tasks.map(({ taskId }) => taskId);
    };
    expect(await idsOf(`projectId=${one.projectId}`)).toEqual([one.taskId]);
    expect(await idsOf(`projectId=${other.projectId}`)).toEqual([other.taskId]);
    expect((await scene.client.fetch("/api/tasks?projectId=mine")).status).toBe(422);
    const stranger = await scene.beside();
    const theirs = await stranger.client.fetch(`/api/tasks?projectId=${one.projectId}`);
    expect(taskListSchema.parse(await theirs.json()).tasks).toEqual([]);
  });
});
