/** Agents: which there are, what is set for them and where, what they lack, and the real turn that proves one. */
import { agentListSchema, oneAgentSchema, type AgentView } from "@sam/protocol/agent-api";
import { taskViewSchema } from "@sam/protocol/task-api";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";

import { newOwner, onlyOwner, sendJson } from "./support/own-client.ts";
import { problemOf } from "./support/problem.ts";
import { Scene } from "./support/scene.ts";
import { taskIn } from "./support/steps.ts";
import type { Client } from "./support/world.ts";

const catalogIds = ["claude-code", "codex", "opencode", "gemini", "qwen", "copilot"];
const gateway = "https://gateway.example/v1";

afterEach(() => {
  Object.assign(env, { SAMPLE_REPOSITORY: undefined, EXTRA_AGENTS: undefined });
});

async function list(client: Client, query = ""): Promise<AgentView[]> {
  const response = await client.fetch(`/api/agents${query}`);
  expect(response.status).toBe(200);
  return agentListSchema.parse(await response.json()).agents;
}

async function agent(client: Client, agentId: string, query = ""): Promise<AgentView> {
  const found = (await list(client, query)).find((one) => one.agentId === agentId);
  if (found === undefined) throw new Error(`no ${agentId}`);
  return found;
}

const put = (client: Client, agentId: string, body: unknown) =>
  sendJson(client, "PUT", `/api/agents/${agentId}/settings`, body);

async function set(client: Client, agentId: string, body: unknown): Promise<AgentView> {
  const response = await put(client, agentId, body);
  expect(response.status).toBe(200);
  return oneAgentSchema.parse(await response.json()).agent;
}

async function projectOf(client: Client, repositoryUrl: string): Promise<string> {
  const body = await (await client.post("/api/projects", { repositoryUrl })).json();
  return z.object({ project: z.object({ projectId: z.string() }) }).parse(body).project.projectId;
}

describe("a setting that cannot be", () => {
  it.each([
    ["an empty model", { model: "" }, "model"],
    ["a model with a space", { model: "gpt 6" }, "model"],
    ["a model that is a command", { model: "$(id)" }, "model"],
    ["a base URL that is none", { baseUrl: "gateway" }, "baseUrl"],
    ["a base URL of another kind", { baseUrl: "file:///etc/passwd" }, "baseUrl"],
    ["a base URL with a password", { baseUrl: "https://me:hunter2@host/v1" }, "baseUrl"],
    ["a base URL with a query", { baseUrl: `${gateway}?key=hunter2` }, "baseUrl"],
    ["a project's id that is none", { projectId: "mine", model: "gpt-6" }, "projectId"],
  ])("%s: 422 that names the field, and nothing is set", async (_what, body, field) => {
    const { client } = await onlyOwner();
    const response = await put(client, "codex", body);
    expect(response.status).toBe(422);
    const problem = await problemOf(response);
    expect(problem.errors?.map((error) => error.field)).toContain(field);
    expect(JSON.stringify(problem)).not.toContain("hunter2");
    expect((await agent(client, "codex")).settings).toEqual([]);
  });

  it("of an agent that there is not: 404 that names those there are; of one without a model: 422", async () => {
    const { client } = await onlyOwner();
    const unknown = await put(client, "codx", { model: "gpt-6" });
    expect(unknown.status).toBe(404);
    expect((await problemOf(unknown)).detail).toContain("codex");
    expect((await put(client, "runbook", { model: "gpt-6" })).status).toBe(422);
  });

  it("in a project of another owner: 404", async () => {
    const { client } = await onlyOwner();
    const other = await newOwner();
    const projectId = await projectOf(other.client, "/srv/theirs.git");
    expect((await put(client, "codex", { projectId, model: "gpt-6" })).status).toBe(404);
    expect((await client.fetch(`/api/agents?projectId=${projectId}`)).status).toBe(404);
    expect((await agent(other.client, "codex", `?projectId=${projectId}`)).settings).toEqual([]);
  });
});

describe("the list of agents", () => {
  it("is the catalog's, the one that comes with SAM, and what the installation adds", async () => {
    const { client } = await onlyOwner();
    expect((await list(client)).map(({ agentId }) => agentId)).toEqual(["runbook", ...catalogIds]);
    Object.assign(env, { EXTRA_AGENTS: '["mine","codex"]' });
    const agents = await list(client);
    expect(agents.map(({ agentId }) => agentId)).toEqual(["runbook", ...catalogIds, "mine"]);
    expect(agents.at(-1)).toEqual({
      agentId: "mine",
      name: "mine",
      npmPackage: null,
      version: null,
      keyName: null,
      keyIsSet: false,
      defaultModel: null,
      defaultBaseUrl: null,
      settings: [],
      limits: [],
      lacks: null,
    });
  });

  it("names what a node of this owner said it can start, and of no other", async () => {
    const { scene, taskId, nodeId } = await taskIn("node_agent_ready");
    if (nodeId === null) throw new Error("no node");
    await scene.bootAgentOf(taskId, { agents: ["runbook", "of-this-machine", "Not An Id"] });
    await scene.inStep(taskId, "workspace_creation");
    await scene.settled(nodeId);
    const ids = async (client: Client) => (await list(client)).map(({ agentId }) => agentId);
    expect(await ids(scene.client)).toEqual(["runbook", ...catalogIds, "of-this-machine"]);
    expect(await ids((await scene.beside()).client)).toEqual(["runbook", ...catalogIds]);
  });

  it("says what stands in the way of a turn, and what to type", async () => {
    const { client } = await onlyOwner();
    const lacks = async (agentId: string) => (await agent(client, agentId)).lacks;
    expect(await lacks("runbook")).toBeNull();
    expect(await lacks("codex")).toBe("Its model has no key. Set one: sam secrets set OPENAI_API_KEY.");
    expect(await lacks("opencode")).toContain("sam agent set opencode --model MODEL");
    expect(await lacks("copilot")).toContain("sam agent set copilot --base-url URL");
    expect(await lacks("copilot")).toContain("sam agent set copilot --model MODEL");
    await sendJson(client, "PUT", "/api/secrets/OPENAI_API_KEY", { value: "sk" });
    expect(await agent(client, "codex")).toMatchObject({ keyName: "OPENAI_API_KEY", keyIsSet: true, lacks: null });
    expect(await lacks("gemini")).toContain("GEMINI_API_KEY");
    // The server of its maker, named once more, needs one still.
    await set(client, "gemini", { baseUrl: "https://generativelanguage.googleapis.com" });
    expect(await lacks("gemini")).toContain("GEMINI_API_KEY");
    // A server of one's own may need no key.
    await set(client, "gemini", { baseUrl: gateway });
    expect(await agent(client, "gemini")).toMatchObject({ keyIsSet: false, lacks: null });
    await set(client, "copilot", { baseUrl: gateway, model: "gpt-6" });
    expect(await lacks("copilot")).toBeNull();
  });
});

describe("the settings of an agent", () => {
  it("are of the owner or of one project; each is set and taken away by itself", async () => {
    const { client } = await onlyOwner();
    const projectId = await projectOf(client, "/srv/project.git");
    const updatedAt = expect.any(Number);
    expect((await set(client, "codex", { model: "gpt-6" })).settings).toEqual([
      { projectId: null, model: "gpt-6", baseUrl: null, updatedAt },
    ]);
    expect((await set(client, "codex", { baseUrl: gateway })).settings).toEqual([
      { projectId: null, model: "gpt-6", baseUrl: gateway, updatedAt },
    ]);
    expect((await set(client, "codex", { projectId, model: "gpt-6-small" })).settings).toEqual([
      { projectId: null, model: "gpt-6", baseUrl: gateway, updatedAt },
      { projectId, model: "gpt-6-small", baseUrl: null, updatedAt },
    ]);
    expect((await set(client, "codex", { model: null })).settings[0]).toMatchObject({ model: null, baseUrl: gateway });
    expect((await set(client, "codex", { baseUrl: null })).settings).toEqual([
      { projectId, model: "gpt-6-small", baseUrl: null, updatedAt },
    ]);
    expect((await set(client, "codex", {})).settings).toHaveLength(1);
    expect((await set(client, "codex", { projectId, model: null })).settings).toEqual([]);
  });

  it("of a project count in it alone, also in what the agent lacks", async () => {
    const { client } = await onlyOwner();
    const projectId = await projectOf(client, "/srv/project.git");
    await set(client, "copilot", { projectId, baseUrl: gateway, model: "gpt-6" });
    expect((await agent(client, "copilot", `?projectId=${projectId}`)).lacks).toBeNull();
    expect((await agent(client, "copilot")).lacks).not.toBeNull();
  });

  it("of another owner are theirs", async () => {
    const { client } = await onlyOwner();
    await set(client, "codex", { model: "gpt-6" });
    const other = await newOwner();
    expect((await agent(other.client, "codex")).settings).toEqual([]);
  });
});

describe("the check of an agent", () => {
  const check = (client: Client, agentId: string, body: unknown = {}) =>
    client.post(`/api/agents/${agentId}/check`, body);

  it("of none that there is: 404; on no repository: 422 that names what to give", async () => {
    const { client } = await onlyOwner();
    expect((await check(client, "codx")).status).toBe(404);
    const nowhere = await check(client, "codex");
    expect(nowhere.status).toBe(422);
    expect((await problemOf(nowhere)).errors?.[0]?.field).toBe("repositoryUrl");
    const other = await newOwner();
    const projectId = await projectOf(other.client, "/srv/theirs.git");
    expect((await check(client, "codex", { projectId })).status).toBe(404);
    expect(await (await client.fetch("/api/tasks")).json()).toMatchObject({ tasks: [] });
  });

  it("is a task like any other, which asks for everything and is checked by nothing", async () => {
    const scene = await Scene.open({ status: "initializing" });
    const { client } = scene;
    const taskOf = async (response: Response) => {
      expect(response.status).toBe(201);
      return z.object({ task: taskViewSchema }).parse(await response.json()).task;
    };
    const defaults = { checkCommand: "false", permissionPolicy: "allow_all", mode: "conversation" };
    await client.post("/api/projects", { repositoryUrl: "/srv/project.git", defaults });
    const projectId = await projectOf(client, "/srv/project.git");
    const task = await taskOf(await check(client, "codex", { projectId }));
    expect(task).toMatchObject({
      agentId: "codex",
      projectId,
      checkCommand: null,
      permissionPolicy: "ask",
      mode: "task",
    });
    expect(task.prompt).toContain("single word ready");
    expect(await client.row(task.taskId)).toMatchObject({ agentId: "codex" });

    Object.assign(env, { SAMPLE_REPOSITORY: "/srv/sample.git" });
    expect((await taskOf(await check(client, "gemini"))).repository.url).toBe("/srv/sample.git");
    const elsewhere = await check(client, "runbook", { repositoryUrl: "/srv/other.git" });
    const runbook = await taskOf(elsewhere);
    expect(runbook.repository.url).toBe("/srv/other.git");
    expect(runbook.prompt).toContain("```sh\necho ready\n```");
  });
});
