/** The inbox: whatever awaits its owner, over all projects, oldest first; with what it costs, and what happens then. */
import { inboxCountSchema, inboxSchema, type Inbox } from "@sam/protocol/inbox-api";
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";

import { problemOf } from "./support/problem.ts";
import { minuteMs, type Scene, takeTableAway } from "./support/scene.ts";
import { taskIn } from "./support/steps.ts";
import type { VmAgentDouble } from "./support/vm-agent-double.ts";
import { agentReady, checkedOut, permissionRequested, turnEnded } from "./support/vm-agent-script.ts";
import { eventually, objectOf } from "./support/world.ts";

async function inboxOf(scene: Scene): Promise<Inbox> {
  const response = await scene.client.fetch("/api/inbox");
  expect(response.status).toBe(200);
  return inboxSchema.parse(await response.json());
}

async function countOf(scene: Scene) {
  return inboxCountSchema.parse(await (await scene.client.fetch("/api/inbox/count")).json());
}

/** A further task of the same owner, on the same node, that comes to where it awaits them. */
async function anotherThatWaits(scene: Scene, agent: VmAgentDouble, request: Record<string, unknown>) {
  scene.clock.advance(1_000);
  const taskId = await scene.submit(request);
  await agent.command(taskId, "create_workspace");
  await agent.say(taskId, checkedOut);
  await agent.command(taskId, "start_agent");
  await agent.say(taskId, agentReady());
  await agent.command(taskId, "prompt");
  await agent.say(taskId, request["mode"] === "conversation" ? turnEnded() : permissionRequested);
  await scene.inStep(taskId, "awaiting_input");
  return taskId;
}

describe("the inbox", () => {
  it("lists a question and the end of a turn of two projects, oldest first, each with its age, cost and deadline", async () => {
    const { scene, taskId, nodeId, agent } = await taskIn("awaiting_input");
    if (agent === null) throw new Error("no agent");
    scene.clock.advance(3 * minuteMs);
    await agent.heartbeat();
    const repository = { url: "/srv/other.git", branch: null };
    const second = await anotherThatWaits(scene, agent, { repository, mode: "conversation" });
    const { items, total } = await inboxOf(scene);
    expect(total).toBe(2);
    expect(items.map(({ task, waitsFor, projectName }) => [task.taskId, waitsFor, projectName])).toEqual([
      [taskId, "permission", "project"],
      [second, "words", "other"],
    ]);
    const [oldest, newest] = items;
    expect(scene.clock.now - (oldest?.since ?? 0)).toBeGreaterThanOrEqual(3 * minuteMs);
    expect(oldest?.wait).toMatchObject({
      permission: { requestId: "permission-1", title: "Run rm -rf build" },
      onDeadline: "completes or fails by verdict",
      deadlineAt: (oldest?.since ?? 0) + 7 * 24 * 60 * minuteMs,
    });
    expect(newest?.wait).toMatchObject({ permission: null, canSay: "next_turn", canDeliver: true });
    expect(oldest?.cost).toMatchObject({ kind: "priced", nodeId, hourlyAmount: 0, sharedBy: 2 });
    expect(oldest?.cost).toMatchObject({ source: expect.any(String), readAt: expect.any(Number) });
    expect(await countOf(scene)).toEqual({ total: 2, oldestSince: oldest?.since });
  });

  it("is its owner's alone, and what is answered leaves it", async () => {
    const { scene, taskId } = await taskIn("awaiting_input");
    const other = await scene.beside();
    expect(await inboxOf(other)).toEqual({ items: [], total: 0, unreadable: [] });
    expect(await countOf(other)).toEqual({ total: 0, oldestSince: null });
    await scene.client.post(`/api/tasks/${taskId}/answers`, { requestId: "permission-1", optionId: "yes" });
    await scene.inStep(taskId, "running");
    expect(await inboxOf(scene)).toMatchObject({ items: [], total: 0 });
  });

  it("shows a task whose runner says nothing, as unknown, and hides no other for it", async () => {
    const { scene, taskId, agent } = await taskIn("awaiting_input");
    if (agent === null) throw new Error("no agent");
    const second = await anotherThatWaits(scene, agent, {});
    await runInDurableObject(objectOf(taskId), (instance: object) => {
      Object.defineProperty(instance, "view", {
        value: () => {
          throw new Error("it is broken");
        },
      });
    });
    const { items } = await inboxOf(scene);
    expect(items.map(({ task, waitsFor, wait }) => [task.taskId, waitsFor, wait === null])).toEqual([
      [taskId, "unknown", true],
      [second, "permission", false],
    ]);
  });

  it("says that a price is unavailable, and why, where the machine could not be asked", async () => {
    const { scene, nodeId } = await taskIn("awaiting_input");
    if (nodeId === null) throw new Error("no node");
    await runInDurableObject(objectOf(nodeId), (instance: object) => {
      Object.defineProperty(instance, "view", {
        value: () => {
          throw new Error("it is broken");
        },
      });
    });
    const { items } = await inboxOf(scene);
    expect(items[0]?.cost).toMatchObject({ kind: "unavailable", nodeId, why: expect.stringContaining("did not say") });
  });

  it("names a row that cannot be read", async () => {
    const { scene, taskId, agent } = await taskIn("awaiting_input");
    if (agent === null) throw new Error("no agent");
    const second = await anotherThatWaits(scene, agent, {});
    await env.DB.prepare("UPDATE tasks SET failure_reason = 'nonsense' WHERE task_id = ?").bind(taskId).run();
    const { items, unreadable } = await inboxOf(scene);
    expect(items.map(({ task }) => task.taskId)).toEqual([second]);
    expect(unreadable).toEqual([taskId]);
  });
});

describe("the receipt of an answer", () => {
  it("comes line by line over the real channel, through an eviction, and each line once", async () => {
    const { scene, taskId, agent } = await taskIn("awaiting_input");
    if (agent === null) throw new Error("no agent");
    const path = `/api/tasks/${taskId}/answers`;
    await scene.client.post(path, { requestId: "permission-1", optionId: "yes" });
    const acceptedAt = scene.clock.now;
    await agent.command(taskId, "answer");
    const answer = agent.commands.find(({ body }) => body.type === "answer");
    if (answer === undefined) throw new Error("no answer");
    scene.clock.advance(1_000);
    await agent.say(taskId, { type: "command_reached", commandId: answer.commandId, reached: "machine" });
    await scene.pass(1_000, taskId);
    await agent.say(taskId, { type: "command_reached", commandId: answer.commandId, reached: "agent" });
    expect((await scene.client.task(taskId)).replies).toEqual([
      {
        requestId: "permission-1",
        optionId: "yes",
        by: scene.ownerId,
        turn: null,
        acceptedAt,
        onMachineAt: acceptedAt + 1_000,
        readAt: acceptedAt + 2_000,
        missed: null,
      },
    ]);
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it("of two at once one is taken, and the other is told by whom it was answered, and what", async () => {
    const { scene, taskId } = await taskIn("awaiting_input");
    const path = `/api/tasks/${taskId}/answers`;
    const answers = await Promise.all(
      ["yes", "no"].map((optionId) => scene.client.post(path, { requestId: "permission-1", optionId })),
    );
    const winner = answers[0]?.status === 202 ? "yes" : "no";
    const late = answers.find(({ status }) => status === 409);
    if (late === undefined) throw new Error("both were taken");
    const { detail } = await problemOf(late);
    expect(detail).toContain(`answered by ${scene.ownerId}`);
    expect(detail).toContain(`the option “${winner}”`);
  });
});

it("a list that fails says so, and does not call it empty", async () => {
  const { scene } = await taskIn("awaiting_input");
  const giveBack = await takeTableAway("projects");
  const response = await scene.client.fetch("/api/inbox");
  await giveBack();
  expect(response.status).toBe(500);
  await eventually(
    "the inbox again",
    () => inboxOf(scene),
    ({ total }) => total === 1,
  );
});
