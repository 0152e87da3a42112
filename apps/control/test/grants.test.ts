/**
 * Grants: what a node is told of its agents. A node that asks for a task that is not its own, for another agent or another
 * owner gets words and nothing else; what it does get is that agent's alone, and is stored nowhere.
 */
import type { TaskId } from "@sam/domain/ids";
import type { AgentGrant } from "@sam/protocol/node-channel";
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";

import { sendJson } from "./support/own-client.ts";
import { taskIn, type Standing } from "./support/steps.ts";
import { VmAgentDouble } from "./support/vm-agent-double.ts";
import { tornDown, turnEnded } from "./support/vm-agent-script.ts";
import { eventually, newTaskId, objectOf, type Client } from "./support/world.ts";

const given = env.SECRETS_KEYS;
const gateway = "https://gateway.example/v1";

afterEach(() => {
  Object.assign(env, { SECRETS_KEYS: given });
});

let requests = 0;
/** Asks over the channel. @returns the grant, or why there is none. */
async function ask(agent: VmAgentDouble, taskId: TaskId, agentId: string): Promise<AgentGrant | string> {
  requests += 1;
  const requestId = `request-${requests}`;
  agent.send({ type: "grant_wanted", requestId, taskId, agentId });
  const answers = () =>
    [...agent.framesOf("grant"), ...agent.framesOf("grant_refused")].filter((frame) => frame.requestId === requestId);
  const [answer] = await eventually("the answer to a grant", answers, (found) => found.length > 0);
  if (answer === undefined) throw new Error("no answer");
  return answer.type === "grant" ? answer.grant : answer.detail;
}

interface Starting extends Standing {
  readonly agent: VmAgentDouble;
}

/** A task whose agent is to be started now. */
async function starting(agentId: string, step: "agent_session" | "running" = "agent_session"): Promise<Starting> {
  const standing = await taskIn(step, { agentId });
  const { agent } = standing;
  if (agent === null) throw new Error("no VM agent");
  return { ...standing, agent };
}

async function setSecret(client: Client, name: string, value: string): Promise<void> {
  expect((await sendJson(client, "PUT", `/api/secrets/${name}`, { value })).status).toBe(200);
}

async function setAgent(client: Client, agentId: string, body: unknown): Promise<void> {
  expect((await sendJson(client, "PUT", `/api/agents/${agentId}/settings`, body)).status).toBe(200);
}

const nothingSet = { model: null, baseUrl: null, modelKey: null, environment: {} };

describe("a grant that a node must not have", () => {
  it("of a task that is nobody's, or of another node, whoever's that is", async () => {
    const { scene, taskId, agent } = await starting("codex");
    await setSecret(scene.client, "OPENAI_API_KEY", "sk-of-the-owner");
    const refusal = /is not a task of this node/;
    expect(await ask(agent, newTaskId(), "codex")).toMatch(refusal);

    const other = await scene.beside();
    const theirTask = await other.submit({ agentId: "codex" });
    const theirAgent = await other.bootAgentOf(theirTask);
    await theirAgent.command(theirTask, "create_workspace");
    expect(await ask(theirAgent, taskId, "codex")).toMatch(refusal);
    expect(await ask(agent, theirTask, "codex")).toMatch(refusal);
  });

  it("of a task whose row has become another owner's", async () => {
    const { scene, taskId, agent } = await starting("codex");
    await env.DB.prepare("UPDATE tasks SET owner_id = ? WHERE task_id = ?")
      .bind((await scene.beside()).ownerId, taskId)
      .run();
    expect(await ask(agent, taskId, "codex")).toMatch(/is not a task of this node/);
  });

  it("for an agent that the task is not for", async () => {
    const { scene, taskId, agent } = await starting("codex");
    await setSecret(scene.client, "ANTHROPIC_API_KEY", "sk-of-another");
    for (const agentId of ["claude-code", "runbook", "mine", "__proto__"]) {
      expect(await ask(agent, taskId, agentId)).toMatch(/is not for the agent/);
    }
  });

  it.each(["workspace_creation", "cancelling"] as const)(
    "in the step %s, in which nothing is done with one",
    async (step) => {
      const { taskId, agent } = await taskIn(step, { agentId: "codex" });
      if (agent === null) throw new Error("no VM agent");
      expect(await ask(agent, taskId, "codex")).toContain(`it is ${step}`);
    },
  );

  it("after the task let the node go", async () => {
    const { scene, taskId, agent, nodeId } = await starting("codex", "running");
    if (nodeId === null) throw new Error("no node");
    await scene.client.cancel(taskId);
    await agent.command(taskId, "tear_down");
    await agent.say(taskId, ...tornDown);
    await scene.inStep(taskId, "cancelled");
    await scene.settled(taskId, nodeId);
    expect(await ask(agent, taskId, "codex")).toMatch(/is not a task of this node/);
  });

  it("before it says hello, or after another boot took over", async () => {
    const { taskId, agent } = await starting("codex");
    const mute = new VmAgentDouble(agent.nodeId, agent.token);
    await mute.dial();
    mute.send({ type: "grant_wanted", requestId: "early", taskId, agentId: "codex" });
    await eventually(
      "the refusal",
      () => mute.framesOf("refused"),
      (frames) => frames.length === 1,
    );
    mute.hello();
    await agent.untilClosed();
    expect(mute.framesOf("grant")).toEqual([]);
    expect(agent.framesOf("grant")).toEqual([]);
  });

  it("where a secret cannot be read: its name and what to do, and no other secret either", async () => {
    const { scene, taskId, agent } = await starting("codex");
    await setSecret(scene.client, "OPENAI_API_KEY", "sk-of-the-owner");
    await setSecret(scene.client, "LOST", "gone");
    await env.DB.prepare("UPDATE secrets SET key_id = 'lost' WHERE name = 'LOST'").run();
    expect(await ask(agent, taskId, "codex")).toMatch(/^These secrets cannot be read: LOST\..* set them again\.$/);
    Object.assign(env, { SECRETS_KEYS: "" });
    expect(await ask(agent, taskId, "codex")).toMatch(/LOST, OPENAI_API_KEY\. .*SECRETS_KEYS/);
    await env.DB.prepare("DELETE FROM secrets").run();
    expect(await ask(agent, taskId, "codex")).toEqual(nothingSet);
  });

  it("that would not fit into a frame: it says so, and the connection lives", async () => {
    const { scene, taskId, agent } = await starting("codex");
    for (let number = 0; number < 17; number += 1) {
      await setSecret(scene.client, `LARGE_${number}`, "x".repeat(32_768));
    }
    expect(await ask(agent, taskId, "codex")).toContain("delete one of them");
    await scene.client.fetch("/api/secrets/LARGE_0", { method: "DELETE" });
    await scene.client.fetch("/api/secrets/LARGE_1", { method: "DELETE" });
    expect(await ask(agent, taskId, "codex")).toMatchObject({ modelKey: null });
    expect(agent.closed).toBeNull();
  });

  it("while the database is away: refused in words, and granted when it is back", async () => {
    const { taskId, agent } = await starting("codex");
    await env.DB.prepare("ALTER TABLE secrets RENAME TO secrets_away").run();
    expect(await ask(agent, taskId, "codex")).toMatch(/could not read the agent's settings/);
    await env.DB.prepare("ALTER TABLE secrets_away RENAME TO secrets").run();
    expect(await ask(agent, taskId, "codex")).toEqual(nothingSet);
  });
});

describe("a grant", () => {
  it("where nothing is set is empty: the agent's start says what it lacks", async () => {
    const { taskId, agent } = await starting("codex");
    expect(await ask(agent, taskId, "codex")).toEqual(nothingSet);
  });

  it("holds the key of its model apart, no other model's, and the owner's other secrets", async () => {
    const { scene, taskId, agent } = await starting("codex");
    await setSecret(scene.client, "OPENAI_API_KEY", "sk-openai");
    await setSecret(scene.client, "ANTHROPIC_API_KEY", "sk-anthropic");
    await setSecret(scene.client, "GEMINI_API_KEY", "sk-gemini");
    await setSecret(scene.client, "NPM_TOKEN", "npm-token");
    const other = await scene.beside();
    await setSecret(other.client, "OPENAI_API_KEY", "sk-of-another-owner");
    await setSecret(other.client, "THEIRS", "of another owner");
    expect(await ask(agent, taskId, "codex")).toEqual({
      model: null,
      baseUrl: null,
      modelKey: { name: "OPENAI_API_KEY", value: "sk-openai" },
      environment: { NPM_TOKEN: "npm-token" },
    });
  });

  it.each(["runbook", "mine"])("of %s, whose keys SAM does not know, holds all as its environment", async (agentId) => {
    const { scene, taskId, agent } = await starting(agentId);
    await setSecret(scene.client, "OPENAI_API_KEY", "sk-openai");
    await setSecret(scene.client, "NPM_TOKEN", "npm-token");
    expect(await ask(agent, taskId, agentId)).toEqual({
      ...nothingSet,
      environment: { OPENAI_API_KEY: "sk-openai", NPM_TOKEN: "npm-token" },
    });
  });

  it("holds the project's setting, else the owner's, each by itself, as it is now", async () => {
    const { scene, taskId, agent } = await starting("codex");
    const { projectId } = await scene.client.task(taskId);
    await setAgent(scene.client, "codex", { model: "of the owner".replaceAll(" ", "-"), baseUrl: gateway });
    expect(await ask(agent, taskId, "codex")).toMatchObject({ model: "of-the-owner", baseUrl: gateway });
    await setAgent(scene.client, "codex", { projectId, model: "of-the-project" });
    await setAgent(scene.client, "gemini", { projectId, model: "of-another-agent" });
    const { projectId: elsewhere } = await scene.client.submit({ repository: { url: "/srv/other.git" } });
    await setAgent(scene.client, "codex", { projectId: elsewhere, model: "of-another-project", baseUrl: "http://x" });
    expect(await ask(agent, taskId, "codex")).toMatchObject({ model: "of-the-project", baseUrl: gateway });
  });

  it("can be had again: an agent that is started again in mid-turn, and one that waits", async () => {
    const { scene, taskId, agent } = await starting("codex", "running");
    await setSecret(scene.client, "OPENAI_API_KEY", "sk-old");
    expect(await ask(agent, taskId, "codex")).toMatchObject({ modelKey: { value: "sk-old" } });
    await setSecret(scene.client, "OPENAI_API_KEY", "sk-new");
    expect(await ask(agent, taskId, "codex")).toMatchObject({ modelKey: { value: "sk-new" } });
  });

  it("goes to a delivery, too, whose VM agent was started again and must know what not to push", async () => {
    const { scene, taskId, agent } = await starting("codex", "running");
    await setSecret(scene.client, "OTHER", "not-to-be-pushed");
    await agent.say(taskId, turnEnded());
    await scene.inStep(taskId, "delivery");
    expect(await ask(agent, taskId, "codex")).toMatchObject({ environment: { OTHER: "not-to-be-pushed" } });
  });

  it("leaves no trace: not in the log, not in an object, not in D1, not in the conversation", async () => {
    const log = vi.spyOn(console, "error");
    const { scene, taskId, nodeId, agent } = await starting("codex", "running");
    if (nodeId === null) throw new Error("no node");
    const value = "sk-that-leaves-no-trace";
    await setSecret(scene.client, "OPENAI_API_KEY", value);
    await setSecret(scene.client, "OTHER", value);
    expect(JSON.stringify(await ask(agent, taskId, "codex"))).toContain(value);
    await agent.say(taskId, turnEnded());
    await scene.inStep(taskId, "delivery");
    const dumps = [taskId, nodeId].map((id) =>
      runInDurableObject(objectOf(id), (_instance: unknown, state) => {
        const tables = state.storage.sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'");
        const own = [...tables].map(({ name }) => name).filter((name) => !name.startsWith("_cf_"));
        return JSON.stringify(own.map((name) => [...state.storage.sql.exec(`SELECT * FROM "${name}"`).raw()]));
      }),
    );
    const rows = await env.DB.batch(
      ["secrets", "tasks", "nodes", "workspaces"].map((table) => env.DB.prepare(`SELECT * FROM ${table}`)),
    );
    const conversation = await scene.client.messages(taskId);
    const all = JSON.stringify([await Promise.all(dumps), rows, conversation, log.mock.calls]);
    expect(all.length).toBeGreaterThan(1000);
    expect(all).not.toContain("leaves-no-trace");
    log.mockRestore();
  });
});
