/** What an installation is given: its settings, of which a bad one is named, and the outages that its deadlines know. */
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";

import worker from "../src/worker.ts";
import { problemOf } from "./support/problem.ts";
import { minuteMs, type Scene } from "./support/scene.ts";
import { taskIn } from "./support/steps.ts";
import { evictAndRunAlarm, eventually } from "./support/world.ts";

afterEach(() => {
  Object.assign(env, { SETTINGS: "{}", OUTAGES: "[]" });
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
