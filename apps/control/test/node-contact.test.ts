/** A node over days: its token is renewed, silence is a loss, and a warm node is used again or let go. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";

import { hourMs, minuteMs, openEffects, Scene, secondMs } from "./support/scene.ts";
import { connectedIn } from "./support/steps.ts";
import { dialStatus } from "./support/vm-agent-double.ts";
import { accepted, agentReady, checkedOut, tornDown, working } from "./support/vm-agent-script.ts";
import { double, evictAndRunAlarm, eventually } from "./support/world.ts";

const dayMs = 24 * hourMs;

describe("the token of a node", () => {
  it("is renewed at a dial after a day; the old one is good until it expires, the new one for longer", async () => {
    const { scene, nodeId, agent } = await connectedIn("workspace_creation");
    const first = agent.token;
    scene.clock.advance(dayMs);
    await agent.heartbeat();
    await agent.connect();
    expect(agent.token).toBe(first);

    scene.clock.advance(minuteMs);
    await agent.connect();
    await eventually(
      "a new token",
      () => agent.token,
      (token) => token !== first,
    );
    const second = agent.token;
    scene.clock.advance(28 * dayMs);
    expect(await dialStatus(nodeId, first)).toBe(101);
    scene.clock.advance(dayMs);
    expect(await dialStatus(nodeId, first)).toBe(401);
    expect(await dialStatus(nodeId, second)).toBe(101);
  });

  it("is renewed in mid-connection too, so that a month without a break is not the end of it", async () => {
    const { scene, nodeId, agent } = await connectedIn("workspace_creation");
    const first = agent.token;
    for (let day = 0; day < 31; day += 1) {
      scene.clock.advance(dayMs + 1);
      await agent.heartbeat();
    }
    expect(agent.token).not.toBe(first);
    await agent.heartbeat();
    agent.hangUp();
    await agent.connect();
    expect((await scene.node(nodeId)).connected).toBe(true);
  });
});

describe("contact", () => {
  it("ten minutes of silence: the node has failed and is destroyed, its tasks are told", async () => {
    const { scene, taskId, nodeId, agent } = await connectedIn("running");
    agent.hangUp();
    await scene.pass(10 * minuteMs - 1, nodeId, taskId);
    expect(await scene.node(nodeId)).toMatchObject({ state: "ready", connected: false });
    expect((await scene.client.task(taskId)).step).toBe("running");

    await scene.pass(1, nodeId);
    const task = await scene.inStep(taskId, "failed");
    expect(task.failure).toMatchObject({ reason: "node_lost" });
    await scene.pass(5 * secondMs, nodeId);
    expect((await scene.nodeIn(nodeId, "destroyed")).failure).toContain("silent");
    expect((await double.state()).servers).toEqual([]);
    await scene.settled(taskId);
    expect(await openEffects(nodeId)).toEqual([]);
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it("heartbeats move contact alone: neither the node's row nor any other clock", async () => {
    const { scene, taskId, nodeId, agent } = await connectedIn("running");
    const before = await scene.node(nodeId);
    for (let count = 0; count < 5; count += 1) {
      scene.clock.advance(9 * minuteMs);
      await agent.heartbeat();
      await evictAndRunAlarm(nodeId);
    }
    const after = await scene.node(nodeId);
    expect(after).toMatchObject({ state: "ready", version: before.version, inStateSince: before.inStateSince });
    expect(after.lastContactAt).toBe(scene.clock.now);
    const { clocks } = await eventually(
      "contact of the task",
      () => scene.client.task(taskId),
      (task) => task.clocks.lastContactAt === scene.clock.now,
    );
    expect(clocks.inStateSince).toBeLessThan(scene.clock.now - 44 * minuteMs);
  });

  it("a warm node is kept for half an hour, then drained and destroyed", async () => {
    const scene = await Scene.open();
    const { agent, nodeId } = await scene.warmNode();
    const warmAt = scene.clock.now;
    for (const minutes of [9, 18, 27]) {
      scene.clock.advance(warmAt + minutes * minuteMs - scene.clock.now);
      await agent.heartbeat();
      await evictAndRunAlarm(nodeId);
    }
    await scene.passUntil(warmAt + 30 * minuteMs - 1, nodeId);
    expect((await scene.node(nodeId)).state).toBe("warm");
    await scene.pass(1, nodeId);
    await scene.pass(5 * secondMs, nodeId);
    await scene.nodeIn(nodeId, "destroyed");
    expect((await double.state()).servers).toEqual([]);
  });

  it("a warm node is claimed by the next task, and a released slot goes to the task that waits", async () => {
    const scene = await Scene.open();
    const first = await scene.submit();
    const agent = await scene.bootAgentOf(first, { onCommand: working() });
    await scene.inStep(first, "completed");
    await scene.nodeIn(agent.nodeId, "warm");
    agent.habits.onCommand = null;
    const second = await scene.submit();
    const third = await scene.submit();
    await scene.inStep(second, "workspace_creation");
    await scene.inStep(third, "workspace_creation");
    expect((await scene.node(agent.nodeId)).claims.toSorted()).toEqual([second, third].toSorted());
    expect((await double.state()).creates).toBe(1);

    // The provider has no other machine.
    await double.change({ refuseCreate: { status: 403, code: "resource_limit_exceeded" } });
    const fourth = await scene.submit();
    await scene.inStep(fourth, "waiting_for_node_capacity");
    await scene.settled(fourth);
    await scene.client.cancel(second);
    await agent.command(second, "tear_down");
    await agent.say(second, ...tornDown);
    await scene.inStep(fourth, "workspace_creation");
    expect((await scene.client.task(fourth)).nodeId).toBe(agent.nodeId);
    await agent.say(third, accepted, checkedOut);
    await agent.say(third, agentReady());
    expect((await scene.client.task(third)).step).toBe("running");
  });
});

describe("a slot", () => {
  it("that was claimed for a task later than its end, by a call that was overtaken, is let go with the next heartbeat", async () => {
    const scene = await Scene.open();
    const { taskId, agent, nodeId } = await scene.warmNode();

    await env.NODE_LIFECYCLE.getByName(nodeId).claim(taskId, 2);
    expect((await scene.node(nodeId)).claims).toEqual([taskId]);
    await agent.heartbeat();
    expect((await scene.nodeIn(nodeId, "warm")).claims).toEqual([]);
  });

  it("that such a call claimed for a task which works elsewhere is let go as well, and moves no clock of it", async () => {
    const { scene, taskId, nodeId } = await connectedIn("running");
    const { lastContactAt } = (await scene.client.task(taskId)).clocks;
    const other = await scene.beside();
    const stray = await other.warmNode();
    expect(stray.nodeId).not.toBe(nodeId);
    await env.NODE_LIFECYCLE.getByName(stray.nodeId).claim(taskId, 1);
    await scene.pass(secondMs);
    await stray.agent.heartbeat();
    expect((await other.nodeIn(stray.nodeId, "warm")).claims).toEqual([]);
    expect(await scene.client.task(taskId)).toMatchObject({ step: "running", nodeId, clocks: { lastContactAt } });
  });

  it("that a late release took away holds up no end: the task lets go, and says what is not proven", async () => {
    const { scene, taskId, nodeId } = await connectedIn("running");
    await env.NODE_LIFECYCLE.getByName(nodeId).release(taskId, 1);
    await scene.client.cancel(taskId);
    const task = await scene.inStep(taskId, "cancelled");
    expect(task.nodeId).toBeNull();
    expect(task.unproven).toContain("workspace_saved");
    await scene.settled(taskId);
  });
});
