/**
 * The second net: the alarm is lost, the object crashed, its state is gone, or it cannot be reached. The sweep reads the
 * old row, asks its owner, and recovers or fails the task. And nothing that only looks makes a row look fresh.
 */
import { workspaceIdOf, type TaskId } from "@sam/domain/ids";
import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";

import { giveBackD1, loseReplies } from "./support/flaky-d1.ts";
import { alarmOf, loseAlarm, minuteMs, Scene, secondMs, takeTableAway, tamper } from "./support/scene.ts";
import { taskIn } from "./support/steps.ts";
import { VmAgentDouble } from "./support/vm-agent-double.ts";
import { accepted, checkedOut, tornDown, working } from "./support/vm-agent-script.ts";
import { countRowChanges, double, evictAndRunAlarm, eventually, objectOf } from "./support/world.ts";

afterEach(() => {
  giveBackD1();
});

function partOf(report: Awaited<ReturnType<Scene["sweep"]>>, name: string) {
  const part = report.parts.find(({ part: partName }) => partName === name);
  if (part === undefined) throw new Error(`no part ${name}`);
  return part;
}

async function rawRow(taskId: TaskId): Promise<Record<string, unknown> | null> {
  return env.DB.prepare("SELECT * FROM tasks WHERE task_id = ?").bind(taskId).first();
}

describe("the alarm is lost and the runner crashed", () => {
  it("past its deadline the sweep fails the task as lost, and its machine is let go", async () => {
    const { scene, taskId, nodeId, agent } = await taskIn("workspace_creation");
    if (nodeId === null) throw new Error("no node");
    const row = await scene.client.row(taskId);
    await loseAlarm(taskId);

    // Not old yet: within its deadline and the grace nobody doubts it.
    await scene.passUntil((row?.deadlineAt ?? 0) + minuteMs - 1);
    expect(partOf(await scene.sweep(), "tasks")).toMatchObject({ looked: 0, acted: 0, failed: null });
    expect(await scene.client.row(taskId)).toEqual(row);

    await scene.pass(1);
    expect(partOf(await scene.sweep(), "tasks")).toMatchObject({ looked: 1, acted: 1, failed: null });
    const task = await scene.inStep(taskId, "failed");
    expect(task.failure).toMatchObject({ reason: "lost_runner" });
    await agent?.connect();
    await agent?.command(taskId, "tear_down");
    await agent?.say(taskId, ...tornDown);
    await scene.settled(taskId, nodeId);
    expect(await scene.node(nodeId)).toMatchObject({ state: "warm", claims: [] });
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it("an alarm that is only late is no lost one: what follows the deadline is what the table says", async () => {
    const { scene, taskId } = await taskIn("workspace_creation");
    const row = await scene.client.row(taskId);
    await scene.passUntil((row?.deadlineAt ?? 0) + minuteMs);
    expect(await alarmOf(taskId)).not.toBeNull();

    expect(partOf(await scene.sweep(), "tasks")).toMatchObject({ looked: 1, acted: 1, failed: null });
    const task = await scene.client.task(taskId);
    expect(task).toMatchObject({ step: "workspace_creation", attempt: 2, failure: null });
  });

  it("a server in creation for ever: with both alarms lost and both objects crashed the task fails, and it is destroyed", async () => {
    const { scene, taskId, nodeId } = await taskIn("node_provisioning");
    if (nodeId === null) throw new Error("no node");
    await loseAlarm(taskId);
    await loseAlarm(nodeId);
    await scene.pass(16 * minuteMs);
    const report = await scene.sweep();
    expect(partOf(report, "nodes")).toMatchObject({ looked: 1, acted: 1, failed: null });
    expect(partOf(report, "tasks")).toMatchObject({ looked: 1, failed: null });
    // Whichever of the two nets comes first.
    const { failure } = await scene.inStep(taskId, "failed");
    expect(["lost_runner", "provisioning_timeout"]).toContain(failure?.reason);
    await scene.pass(5 * secondMs, nodeId);
    await scene.nodeIn(nodeId, "destroyed");
    expect((await double.state()).servers).toEqual([]);
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it.each(["crashed", "still in memory"] as const)(
    "before its own deadline the sweep sets the alarm again and the task goes on: the object is %s",
    async (state) => {
      // A second try has the whole time of its step again; the row still shows the deadline of the first.
      const standing = await taskIn("workspace_creation");
      const { scene, taskId, nodeId, agent } = standing;
      if (nodeId === null) throw new Error("no node");
      await scene.pass(2 * minuteMs, taskId);
      await agent?.command(taskId, "create_workspace", 2);
      const row = await scene.client.row(taskId);
      const { deadlineAt } = await scene.client.task(taskId);
      if (state === "crashed") await loseAlarm(taskId);
      else await runInDurableObject(objectOf(taskId), (_instance: unknown, { storage }) => storage.deleteAlarm());
      expect(await alarmOf(taskId)).toBeNull();

      await scene.pass(minuteMs);
      expect(partOf(await scene.sweep(), "tasks")).toMatchObject({ looked: 1, acted: 1, failed: null });
      expect(await alarmOf(taskId)).not.toBeNull();
      expect(await scene.client.row(taskId)).toEqual(row);
      // The next sweep finds the alarm, and leaves the row alone.
      expect(partOf(await scene.sweep(), "tasks")).toMatchObject({ looked: 1, acted: 0, failed: null });
      await scene.passUntil(deadlineAt ?? 0, taskId);
      expect((await scene.client.task(taskId)).failure).toMatchObject({ reason: "workspace_not_acknowledged" });
      await scene.expectOneRowChangeForEachTransition(taskId);
    },
  );

  it("a node whose alarm is lost looks again: its own deadline then decides", async () => {
    const { scene, taskId, nodeId } = await taskIn("node_provisioning");
    if (nodeId === null) throw new Error("no node");
    await loseAlarm(nodeId);
    await scene.pass(16 * minuteMs);
    expect(partOf(await scene.sweep(), "nodes")).toMatchObject({ looked: 1, acted: 1, failed: null });
    await scene.inStep(taskId, "failed");
    await scene.pass(5 * secondMs, nodeId);
    await scene.nodeIn(nodeId, "destroyed");
  });

  it("a silent node with work, which has no deadline but contact, is found too", async () => {
    const { scene, taskId, nodeId, agent } = await taskIn("running");
    if (nodeId === null) throw new Error("no node");
    agent?.hangUp();
    await loseAlarm(nodeId);
    await scene.pass(12 * minuteMs);
    expect(partOf(await scene.sweep(), "nodes")).toMatchObject({ looked: 1, acted: 1, failed: null });
    const task = await scene.inStep(taskId, "failed");
    expect(task.failure).toMatchObject({ reason: "node_lost" });
  });
});

describe("the runner cannot answer", () => {
  it("a runner without any state: its row is failed as lost, its slot and its processes are let go", async () => {
    const { scene, taskId, nodeId, agent } = await taskIn("workspace_creation");
    if (nodeId === null || agent === null) throw new Error("no node");
    await runInDurableObject(objectOf(taskId), (_instance: unknown, { storage }) => storage.deleteAll());
    await abortAllDurableObjects();
    await agent.connect();
    await scene.pass(2 * minuteMs);
    expect(partOf(await scene.sweep(), "tasks")).toMatchObject({ looked: 0, acted: 0 });

    await scene.pass(minuteMs);
    expect(partOf(await scene.sweep(), "tasks")).toMatchObject({ looked: 1, acted: 1, failed: null });
    expect(await scene.client.row(taskId)).toMatchObject({
      step: "failed",
      failureReason: "lost_runner",
      colour: "red",
      updatedAt: scene.clock.now,
      deadlineAt: null,
    });
    const routes = ["", "/transitions", "/messages"].map((route) => scene.client.fetch(`/api/tasks/${taskId}${route}`));
    expect((await Promise.all(routes)).map(({ status }) => status)).toEqual([404, 404, 404]);
    expect(await scene.nodeIn(nodeId, "warm")).toMatchObject({ claims: [] });
    await agent.heartbeat([{ taskId, workspaceId: workspaceIdOf(taskId), agentPid: 4711, incarnation: 1 }]);
    await eventually(
      "the void",
      () => [...agent.voided],
      (voided) => voided.includes(taskId),
    );
  });

  it("not reached in three sweeps in a row it is failed; when it comes back it adopts that end and cleans up", async () => {
    const { scene, taskId, nodeId, agent } = await taskIn("agent_session");
    if (nodeId === null) throw new Error("no node");
    const [[facts] = []] = await tamper(taskId, "SELECT facts FROM facts");
    await tamper(taskId, "UPDATE facts SET facts = '{'");
    await agent?.connect();
    const row = await scene.client.row(taskId);

    await scene.pass(3 * minuteMs);
    await agent?.heartbeat();
    for (const sweep of [1, 2]) {
      await scene.sweep();
      expect({ sweep, row: await scene.client.row(taskId) }).toEqual({ sweep, row });
      await scene.pass(minuteMs);
    }
    // Its alarm fires, and fails; it is never dropped, so the runner will look again by itself.
    await runDurableObjectAlarm(objectOf(taskId));
    expect(await alarmOf(taskId)).not.toBeNull();
    await scene.sweep();
    const ended = await scene.client.row(taskId);
    expect(ended).toMatchObject({ step: "failed", failureReason: "lost_runner", updatedAt: scene.clock.now });

    await tamper(taskId, "UPDATE facts SET facts = ?", facts);
    await agent?.connect();
    await scene.pass(minuteMs);
    await runDurableObjectAlarm(objectOf(taskId));
    const task = await scene.client.task(taskId);
    expect(task).toMatchObject({ step: "failed", failure: { reason: "lost_runner" } });
    await agent?.command(taskId, "tear_down");
    await agent?.say(taskId, ...tornDown);
    await scene.settled(taskId, nodeId);
    expect(await scene.node(nodeId)).toMatchObject({ state: "warm", claims: [] });
    expect(await scene.client.row(taskId)).toEqual(ended);
    // The last row change is the sweep's, in place of its runner's own.
    expect(await countRowChanges(taskId)).toBe((await scene.client.transitions(taskId)).length);
  });

  it("a runner that answers in between is not failed: three in a row are three in a row", async () => {
    const { scene, taskId } = await taskIn("workspace_creation");
    await scene.pass(2 * minuteMs, taskId);
    const [[facts] = []] = await tamper(taskId, "SELECT facts FROM facts");
    await scene.pass(minuteMs);
    for (const isReachable of [false, false, true, false, false]) {
      await tamper(taskId, "UPDATE facts SET facts = ?", isReachable ? facts : "{");
      await scene.sweep();
      // Two sweeps at one moment would count as one.
      await scene.pass(1);
    }
    expect(await scene.client.row(taskId)).toMatchObject({ step: "workspace_creation" });
    await scene.sweep();
    expect(await scene.client.row(taskId)).toMatchObject({ step: "failed", failureReason: "lost_runner" });
  });
});

describe("one failing part stops no other", () => {
  it.each(["nodes", "api_tokens"] as const)("the tasks are swept where %s cannot be read", async (table) => {
    const { scene, taskId } = await taskIn("workspace_creation");
    await loseAlarm(taskId);
    await scene.pass(4 * minuteMs);
    const giveBack = await takeTableAway(table);
    await scene.sweep().catch(() => null);
    await giveBack();
    const report = await scene.client.fetch("/api/system");
    const { lastSweep } = await report.json<{ lastSweep: Awaited<ReturnType<Scene["sweep"]>> }>();
    const broken = table === "nodes" ? "nodes" : "tokens";
    expect(partOf(lastSweep, broken).failed).toContain(table);
    expect(partOf(lastSweep, "tasks")).toMatchObject({ looked: 1, acted: 1, failed: null });
    expect((await scene.client.task(taskId)).failure).toMatchObject({ reason: "lost_runner" });
  });

  it("the nodes are swept where the tasks cannot be read", async () => {
    const { scene, nodeId } = await taskIn("node_provisioning");
    if (nodeId === null) throw new Error("no node");
    await loseAlarm(nodeId);
    await scene.pass(16 * minuteMs);
    const giveBack = await takeTableAway("tasks");
    const report = await scene.sweep();
    await giveBack();
    expect(partOf(report, "tasks")).toMatchObject({ looked: 0, acted: 0 });
    expect(partOf(report, "tasks").failed).toContain("tasks");
    expect(partOf(report, "nodes")).toMatchObject({ looked: 1, acted: 1, failed: null });
  });

  it("the tasks are swept where the sweep's own memory is gone", async () => {
    const { scene, taskId } = await taskIn("workspace_creation");
    await loseAlarm(taskId);
    await scene.pass(4 * minuteMs);
    const giveBack = await takeTableAway("sweep_memory");
    await scene.sweep().catch(() => null);
    await giveBack();
    expect((await scene.client.task(taskId)).failure).toMatchObject({ reason: "lost_runner" });
  });

  it("one task that cannot be reached hides no other", async () => {
    const { scene, taskId } = await taskIn("workspace_creation");
    const other = await scene.submit();
    await scene.inStep(other, "workspace_creation");
    await tamper(other, "UPDATE facts SET facts = '{'");
    await loseAlarm(taskId);
    await scene.pass(4 * minuteMs);
    expect(partOf(await scene.sweep(), "tasks")).toMatchObject({ looked: 2, acted: 1 });
    expect((await scene.client.task(taskId)).failure).toMatchObject({ reason: "lost_runner" });
  });
});

describe("what only looks makes no row look fresh", () => {
  it("an older projection is written again with the time of its transition; a final row is left alone", async () => {
    const { scene, taskId, agent, nodeId } = await taskIn("workspace_creation");
    if (nodeId === null) throw new Error("no node");
    const older = await rawRow(taskId);
    await scene.pass(4 * minuteMs, taskId);
    await scene.pass(4 * minuteMs, taskId);
    await scene.inStep(taskId, "failed");
    await agent?.say(taskId, ...tornDown);
    await scene.settled(taskId, nodeId);
    const ended = await rawRow(taskId);

    // As if D1 had been put back from a copy.
    await env.DB.prepare("UPDATE tasks SET step = ?, version = ?, updated_at = ?, deadline_at = ? WHERE task_id = ?")
      .bind(older?.["step"], older?.["version"], older?.["updated_at"], older?.["deadline_at"], taskId)
      .run();
    await scene.pass(minuteMs);
    expect(partOf(await scene.sweep(), "tasks")).toMatchObject({ looked: 1, acted: 1, failed: null });
    // It is the projection of now: the machine was let go since.
    const again = await rawRow(taskId);
    expect(again).toEqual({ ...ended, node_id: null });

    const changes = await countRowChanges(taskId);
    await scene.pass(minuteMs);
    expect(partOf(await scene.sweep(), "tasks")).toMatchObject({ looked: 0, acted: 0 });
    await evictAndRunAlarm(taskId);
    expect(await rawRow(taskId)).toEqual(again);
    expect(await countRowChanges(taskId)).toBe(changes);
  });

  it("a stale projection changes nothing, not even the time", async () => {
    const { scene, taskId, agent } = await taskIn("workspace_creation");
    await env.DB.prepare("UPDATE tasks SET version = 99 WHERE task_id = ?").bind(taskId).run();
    const row = await rawRow(taskId);
    const changes = await countRowChanges(taskId);
    await scene.pass(minuteMs);
    await agent?.say(taskId, accepted);
    await scene.settled(taskId);
    expect((await scene.client.task(taskId)).step).toBe("workspace_ready");
    expect(await rawRow(taskId)).toEqual(row);
    expect(await countRowChanges(taskId)).toBe(changes);
  });
});

describe("D1 fails while a task goes on", () => {
  it("lost replies: every row change is made exactly once", async () => {
    const scene = await Scene.open();
    const lostReplies = loseReplies(6);
    const taskId = (await scene.client
      .post("/api/tasks", {
        prompt: "Say hello",
        repository: { url: "/srv/project.git" },
      })
      .then(async (response) => {
        // The first write's reply is among the lost: the task is accepted, and says that its row is not proven yet.
        expect(response.status).toBe(503);
        return (await response.json<{ detail: string }>()).detail.split(" ")[0];
      })) as TaskId;
    const nodeId = await scene.nodeOf(taskId);
    await scene.nodeIn(nodeId, "booting");
    const agent = await VmAgentDouble.boot(nodeId, { onCommand: working() });
    for (let tries = 0; tries < 40 && (await scene.client.row(taskId))?.step !== "completed"; tries += 1) {
      await scene.pass(30 * secondMs, taskId);
      await agent.heartbeat();
    }
    expect(lostReplies()).toBe(6);
    await scene.inStep(taskId, "completed");
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it("no answers for a while: the row changes come later, each once and in order", async () => {
    const { scene, taskId, agent } = await taskIn("workspace_creation");
    const giveBack = await takeTableAway("tasks");
    await agent?.say(taskId, accepted);
    await agent?.say(taskId, checkedOut);
    await agent?.command(taskId, "start_agent");
    await scene.pass(secondMs, taskId);
    await scene.pass(secondMs, taskId);
    await giveBack();
    expect((await scene.client.row(taskId))?.step).toBe("workspace_creation");
    await scene.pass(30 * secondMs, taskId);
    await scene.rowIn(taskId, "agent_session");
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it("a task that is submitted meanwhile is accepted once, and its row follows", async () => {
    const scene = await Scene.open({ status: "initializing" });
    const giveBack = await takeTableAway("tasks");
    const body = { taskId: `task_${"0".repeat(25)}7`, prompt: "Say hello", repository: { url: "/srv/project.git" } };
    const refused = await scene.client.post("/api/tasks", body);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: "unavailable", detail: expect.stringContaining("is accepted") });
    await giveBack();
    await scene.pass(minuteMs, body.taskId as TaskId);
    const again = await scene.client.post("/api/tasks", body);
    expect(again.status).toBe(201);
    const taskId = body.taskId as TaskId;
    await eventually(
      "the row",
      () => scene.client.row(taskId),
      (row) => row !== undefined,
    );
    await scene.inStep(taskId, "node_provisioning");
    await scene.settled(taskId, await scene.nodeOf(taskId));
    expect((await double.state()).creates).toBe(1);
    await scene.expectOneRowChangeForEachTransition(taskId);
  });
});
