/**
 * The node channel as a VM agent meets it: who may speak on it, what is dropped without an effect, and that neither a
 * command nor an event is lost, doubled or taken out of its order, whatever becomes of the connection.
 */
import { workspaceIdOf } from "@sam/domain/ids";
import { closeCodes } from "@sam/protocol/node-channel";
import { maxFrameBytes } from "@sam/protocol/version";
import { evictAllDurableObjects, evictDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";

import { hourMs, secondMs } from "./support/scene.ts";
import { connectedIn, taskIn } from "./support/steps.ts";
import { dialStatus, tokenOfServer, VmAgentDouble } from "./support/vm-agent-double.ts";
import { accepted, checkedOut, prose, tornDown, turnEnded } from "./support/vm-agent-script.ts";
import { Client, double, eventually, expectContiguous, newTaskId, objectOf } from "./support/world.ts";

const dayMs = 24 * hourMs;

/** The text of everything that SAM and the agent said, for a look at what became of an event. */
async function textOf(client: Client, taskId: string): Promise<string> {
  return JSON.stringify(await client.messages(taskId));
}

describe("who may dial in", () => {
  it("401 without a token, with a wrong, an expired or another node's, for a node that is none; none has an effect", async () => {
    const { scene, taskId, nodeId } = await taskIn("node_agent_ready");
    if (nodeId === null) throw new Error("no node");
    const other = await scene.beside();
    const otherNode = await other.nodeOf(await other.submit());
    await other.nodeIn(otherNode, "booting");
    const othersToken = await tokenOfServer(otherNode);
    const statuses = await Promise.all([
      dialStatus(nodeId, null),
      dialStatus(nodeId, "short"),
      dialStatus(nodeId, "x".repeat(43)),
      dialStatus(nodeId, othersToken),
      dialStatus("node_00000000000000000000000000", othersToken),
      dialStatus("not-an-id", othersToken),
    ]);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 401]);
    expect(await scene.node(nodeId)).toMatchObject({ state: "booting", connected: false, lastContactAt: null });
    expect((await scene.client.task(taskId)).step).toBe("node_agent_ready");
  });

  it("401 with a token that has expired", async () => {
    const { scene, nodeId, agent } = await connectedIn("workspace_creation");
    const { token } = agent;
    agent.hangUp();
    scene.clock.advance(30 * dayMs);
    expect(await dialStatus(nodeId, token)).toBe(401);
  });

  it("426 for a request that is no WebSocket; a user's session opens no channel", async () => {
    const { scene, nodeId, agent } = await connectedIn("workspace_creation");
    const headers = { authorization: `Bearer ${agent.token}` };
    const plain = await exports.default.fetch(`http://control.test/api/node-channel/${nodeId}`, { headers });
    expect(plain.status).toBe(426);
    const upgrade = { headers: { upgrade: "websocket" } };
    expect((await scene.client.fetch(`/api/node-channel/${nodeId}`, upgrade)).status).toBe(401);
    // Nor does a node's token open the API.
    expect((await new Client(agent.token).fetch("/api/tasks")).status).toBe(401);
  });

  it("410 for a node that is being destroyed, and for one that is", async () => {
    const { scene, nodeId, taskId } = await taskIn("node_agent_ready");
    if (nodeId === null) throw new Error("no node");
    const token = await tokenOfServer(nodeId);
    const early = new VmAgentDouble(nodeId, token);
    await early.dial();
    await double.change({ neverGone: true });
    await scene.client.cancel(taskId);
    await scene.nodeIn(nodeId, "destroying");
    expect(await dialStatus(nodeId, token)).toBe(410);
    // One that had dialled before and says hello only now is turned away too.
    early.hello();
    expect(await early.untilClosed()).toMatchObject({ code: closeCodes.unauthorized });
    expect(early.framesOf("welcome")).toEqual([]);
    expect((await scene.node(nodeId)).state).toBe("destroying");

    await double.change({ neverGone: false });
    await scene.pass(5 * secondMs, nodeId);
    await scene.pass(5 * secondMs, nodeId);
    await scene.nodeIn(nodeId, "destroyed");
    expect(await dialStatus(nodeId, token)).toBe(410);
  });
});

describe("what is not of the protocol", () => {
  it.each([
    ["not JSON", "{"],
    ["no type", "{}"],
    ["an unknown type", JSON.stringify({ type: "shutdown" })],
    ["a field of the wrong kind", JSON.stringify({ type: "command_ack", commandId: 7 })],
    ["a task id of the wrong shape", JSON.stringify({ type: "events", events: [{ taskId: "task_1", seq: 1 }] })],
    ["an empty list of events", JSON.stringify({ type: "events", events: [] })],
    ["too large", JSON.stringify({ type: "command_ack", commandId: "x".repeat(maxFrameBytes) })],
    ["too large in bytes, though not in characters", JSON.stringify("€".repeat(Math.ceil(maxFrameBytes / 2)))],
    ["a binary frame", new Uint8Array([1, 2, 3]).buffer],
  ])("%s is refused and named, and the connection lives", async (_what, data) => {
    const { scene, taskId, nodeId, agent } = await connectedIn("workspace_creation");
    const row = await scene.client.row(taskId);
    agent.sendRaw(data);
    await eventually(
      "the refusal",
      () => agent.framesOf("refused"),
      (frames) => frames.length === 1,
    );
    expect(agent.framesOf("refused")[0]?.detail.length).toBeGreaterThan(5);
    await agent.heartbeat();
    expect(agent.closed).toBeNull();
    expect(await scene.client.row(taskId)).toEqual(row);
    expect((await scene.node(nodeId)).connected).toBe(true);
    await agent.say(taskId, accepted);
    expect((await scene.client.task(taskId)).step).toBe("workspace_ready");
  });

  it("a VM agent of another version is told so and let go", async () => {
    const { agent } = await connectedIn("workspace_creation");
    const hello = { type: "hello", protocol: 99, bootId: "boot-of-another", vmAgentVersion: "9", agents: [] };
    agent.sendRaw(JSON.stringify({ ...hello, isolation: { processes: "plain", limits: "none", reasons: [] } }));
    expect(await agent.untilClosed()).toMatchObject({ code: closeCodes.protocol });
  });

  it("events, acknowledgements and heartbeats before hello are refused and change nothing", async () => {
    const { scene, taskId, agent } = await connectedIn("workspace_creation");
    const mute = new VmAgentDouble(agent.nodeId, agent.token);
    await mute.dial();
    mute.report(taskId, accepted);
    mute.send({ type: "command_ack", commandId: "any" });
    await eventually(
      "two refusals",
      () => mute.framesOf("refused"),
      (frames) => frames.length === 2,
    );
    expect((await scene.client.task(taskId)).step).toBe("workspace_creation");
    expect(agent.closed).toBeNull();
  });
});

describe("a VM agent that was replaced", () => {
  it("is closed with 4009, its words are void, and it never takes over again", async () => {
    const { scene, taskId, nodeId, agent: old } = await connectedIn("workspace_creation");
    const young = new VmAgentDouble(nodeId, old.token);
    await young.connect();
    expect(young.epoch).toBe(old.epoch + 1);
    expect(await old.untilClosed()).toMatchObject({ code: closeCodes.replaced });

    // The old one does not know it yet, and dials again.
    await old.dial();
    old.report(taskId, accepted);
    await eventually(
      "a refusal",
      () => old.framesOf("refused"),
      (frames) => frames.length === 1,
    );
    await evictDurableObject(objectOf(nodeId));
    old.hello();
    expect(await old.untilClosed()).toMatchObject({ code: closeCodes.replaced });
    expect((await scene.client.task(taskId)).step).toBe("workspace_creation");
    expect(young.closed).toBeNull();
    await young.say(taskId, accepted);
    expect((await scene.client.task(taskId)).step).toBe("workspace_ready");
  });

  it("words that were under way when the newer one said hello are void, and end its connection", async () => {
    const { scene, taskId, nodeId, agent: old } = await connectedIn("workspace_creation");
    const young = new VmAgentDouble(nodeId, old.token);
    await young.dial();
    young.hello();
    old.report(taskId, accepted);
    await eventually(
      "the welcome",
      () => young.epoch,
      (epoch) => epoch > 0,
    );
    expect(await old.untilClosed()).toMatchObject({ code: closeCodes.replaced });
    const { step } = await scene.client.task(taskId);
    expect(step).toBe("workspace_creation");
  });
});

describe("events", () => {
  it("a gap stops at the gap: nothing behind it is stored until what is missing has come, and then once", async () => {
    const { scene, taskId, agent } = await connectedIn("running");
    agent.report(taskId, prose(1, "one"));
    await agent.heard();
    const records = agent.report(taskId, prose(1, "two"), prose(1, "three"), prose(1, "four"));
    await agent.heard();
    const [, , four] = records;
    if (four === undefined) throw new Error("no record");
    const late = { ...four, seq: four.seq + 2, event: prose(1, "six") };
    agent.sendRaw(JSON.stringify({ type: "events", events: [late] }));
    expect(await agent.untilClosed()).toMatchObject({ code: 1013 });
    expect(await textOf(scene.client, taskId)).not.toContain("six");

    await agent.connect();
    await agent.say(taskId, prose(1, "five"));
    agent.sendRaw(JSON.stringify({ type: "events", events: [late] }));
    await eventually(
      "the sixth",
      () => textOf(scene.client, taskId),
      (text) => text.includes("six"),
    );
    const said = [...(await textOf(scene.client, taskId)).matchAll(/"text":"(one|two|three|four|five|six)"/g)];
    expect(said.map((match) => match[1])).toEqual(["one", "two", "three", "four", "five", "six"]);
  });

  it("sent again and again, in any order, each is shown once", async () => {
    const { scene, taskId, agent } = await connectedIn("running");
    const records = agent.report(taskId, prose(1, "alpha"), prose(1, "beta"), prose(1, "gamma"));
    for (const events of [records, records.slice(0, 1), records.slice(1), records]) {
      agent.send({ type: "events", events });
    }
    await agent.heard();
    await agent.say(taskId, prose(1, "delta"));
    const said = [...(await textOf(scene.client, taskId)).matchAll(/"text":"(alpha|beta|gamma|delta)"/g)];
    expect(said.map((match) => match[1])).toEqual(["alpha", "beta", "gamma", "delta"]);
    expectContiguous(await scene.client.messages(taskId));
  });

  it("of a turn that ended while the line was cut are kept and applied when it is back", async () => {
    const { scene, taskId, agent } = await connectedIn("running");
    agent.hangUp();
    agent.report(taskId, prose(1, "said to nobody"), turnEnded());
    await evictAllDurableObjects();
    expect((await scene.client.task(taskId)).step).toBe("running");
    await agent.connect();
    await agent.heard();
    await scene.inStep(taskId, "delivery");
    expect(await textOf(scene.client, taskId)).toContain("said to nobody");
  });

  it("for a task that is not this node's: the task is void there, and does not hear of it", async () => {
    const { scene, taskId, agent } = await connectedIn("workspace_creation");
    const other = await scene.beside();
    const stranger = await other.submit();
    const strangersAgent = await other.bootAgentOf(stranger);
    await strangersAgent.command(stranger, "create_workspace");

    await agent.say(stranger, accepted);
    expect([...agent.voided]).toEqual([stranger]);
    expect((await other.client.task(stranger)).step).toBe("workspace_creation");
    const nobodys = newTaskId();
    await agent.say(nobodys, accepted);
    expect([...agent.voided]).toEqual([stranger, nobodys]);
    expect(agent.closed).toBeNull();
    await agent.say(taskId, accepted);
    expect((await scene.client.task(taskId)).step).toBe("workspace_ready");
  });

  it("for a task that claims this node and does not know it yet: they are no reason to tear it down", async () => {
    const { agent, nodeId } = await connectedIn("running");
    const coming = newTaskId();
    const node = env.NODE_LIFECYCLE.getByName(nodeId);
    expect(await node.claim(coming, 1)).toMatchObject({ claimed: true });
    agent.report(coming, accepted);
    // By then the node has asked the runner, and after that it has its answer.
    await agent.heartbeat([]);
    expect(await objectOf(coming).probe()).toEqual({ kind: "no_state" });
    await agent.heartbeat([]);
    expect([...agent.voided]).toEqual([]);
    await node.release(coming, 1);
    await agent.say(coming, accepted);
    expect([...agent.voided]).toEqual([coming]);
  });

  it("what lives or stands for a task without a claim here has no owner: it is voided at the next heartbeat", async () => {
    const { agent, taskId } = await connectedIn("running");
    const [gone, standing] = [newTaskId(), newTaskId()];
    await agent.heartbeat([
      { taskId, workspaceId: workspaceIdOf(taskId), agentPid: 4711, incarnation: 1 },
      { taskId: gone, workspaceId: workspaceIdOf(gone), agentPid: 4712, incarnation: 1 },
      { taskId: standing, workspaceId: workspaceIdOf(standing), agentPid: null, incarnation: 0 },
    ]);
    await eventually(
      "the voids",
      () => agent.framesOf("void_task"),
      (frames) => frames.length === 2,
    );
    expect(agent.framesOf("void_task")).toEqual([
      { type: "void_task", taskId: gone },
      { type: "void_task", taskId: standing },
    ]);
  });
});

describe("commands", () => {
  it("are sent again after each hello, in their order, until they are acknowledged; then never", async () => {
    const { taskId, scene } = await taskIn("node_agent_ready");
    const agent = await scene.bootAgentOf(taskId, { acksCommands: false });
    const { nodeId } = agent;
    await agent.command(taskId, "create_workspace");
    await agent.say(taskId, accepted, checkedOut);
    await agent.command(taskId, "start_agent");
    const types = () => agent.framesOf("command").map(({ command }) => command.body.type);
    expect(types()).toEqual(["create_workspace", "start_agent"]);

    agent.hangUp();
    await evictDurableObject(objectOf(nodeId));
    await agent.connect();
    await eventually("the commands again", types, (all) => all.length === 4);
    expect(types()).toEqual(["create_workspace", "start_agent", "create_workspace", "start_agent"]);

    const [first] = agent.commands;
    if (first === undefined) throw new Error("no command");
    agent.send({ type: "command_ack", commandId: first.commandId });
    await agent.heartbeat();
    agent.hangUp();
    await agent.connect();
    await eventually("the other one again", types, (all) => all.length === 5);
    expect(types().at(-1)).toBe("start_agent");
    expect(new Set(agent.commands.map(({ commandId }) => commandId)).size).toBe(2);

    agent.habits.acksCommands = true;
    agent.hangUp();
    await agent.connect();
    await eventually("the last time", types, (all) => all.length === 6);
    await agent.heartbeat();
    agent.hangUp();
    await agent.connect();
    await agent.heartbeat();
    expect(types()).toHaveLength(6);
    await scene.settled(taskId, nodeId);
  });

  it("go to the connection that was dialled last, though the one before it never ended", async () => {
    const { taskId, agent } = await connectedIn("workspace_creation");
    agent.habits.answersClose = false;
    const again = new VmAgentDouble(agent.nodeId, agent.token);
    again.bootId = agent.bootId;
    await again.connect();
    expect(again.epoch).toBe(agent.epoch);
    again.report(taskId, accepted, checkedOut);
    await again.command(taskId, "start_agent");
    expect(agent.commandsOf(taskId, "start_agent")).toEqual([]);
  });

  it("given while nobody listens wait for the next hello", async () => {
    const { scene, taskId, nodeId, agent } = await connectedIn("running");
    agent.hangUp();
    await eventually(
      "the end of the connection",
      () => scene.node(nodeId),
      (node) => !node.connected,
    );
    await scene.client.cancel(taskId);
    await scene.settled(taskId);
    expect(agent.commandsOf(taskId, "tear_down")).toEqual([]);
    await agent.connect();
    await agent.command(taskId, "tear_down");
    await agent.say(taskId, ...tornDown);
    await scene.inStep(taskId, "cancelled");
  });
});
