/** Saying something in mid-turn: it is seen at once, told once and in order, through any crash; an interruption leads to the user. */
import { abortAllDurableObjects } from "cloudflare:test";
import { describe, expect, it } from "vitest";

import { problemOf } from "./support/problem.ts";
import type { Scene } from "./support/scene.ts";
import { connectedIn } from "./support/steps.ts";
import { StreamReader } from "./support/stream-reader.ts";
import { delivered, permissionRequested, prose, turnEnded } from "./support/vm-agent-script.ts";
import { eventually, expectContiguous, newTaskId } from "./support/world.ts";

const say = (scene: Scene, taskId: string, prompt: string, interrupt = false) =>
  scene.client.post(`/api/tasks/${taskId}/messages`, { prompt, interrupt });
const interrupt = (scene: Scene, taskId: string) => scene.client.post(`/api/tasks/${taskId}/interrupt`);
const cancelled = (turn: number) => ({ ...turnEnded(turn), stopReason: "cancelled" });

describe("what is said while a turn runs", () => {
  it("is refused where no turn runs or will: in a delivery, and in a cancel", async () => {
    for (const step of ["delivery", "cancelling"] as const) {
      const { scene, taskId } = await connectedIn(step);
      for (const response of [await say(scene, taskId, "More"), await interrupt(scene, taskId)]) {
        expect(response.status).toBe(409);
        expect((await problemOf(response)).detail).toContain(step);
      }
      expect(await scene.client.task(taskId)).toMatchObject({ canSay: null, canInterrupt: false, canDeliver: false });
    }
  });

  it("is refused where it would be longer in all than one prompt may be", async () => {
    const { scene, taskId } = await connectedIn("running");
    expect((await say(scene, taskId, "a".repeat(60_000))).status).toBe(202);
    const refused = await say(scene, taskId, "b".repeat(10_000));
    expect(refused.status).toBe(409);
    expect((await scene.client.task(taskId)).waitingTexts).toHaveLength(1);
  });

  it("sent again because its reply was lost, it is said once: in the turn, after it, and after the end", async () => {
    const { scene, taskId, agent } = await connectedIn("running");
    const send = () => scene.client.post(`/api/tasks/${taskId}/messages`, { prompt: "And the tests?", taskId: key });
    const key = newTaskId();
    expect((await Promise.all([send(), send(), send()])).map(({ status }) => status)).toEqual([202, 202, 202]);
    expect((await scene.client.task(taskId)).waitingTexts).toEqual(["And the tests?"]);
    await agent.say(taskId, turnEnded());
    expect((await send()).status).toBe(202);
    await agent.say(taskId, turnEnded(2));
    await agent.command(taskId, "deliver");
    expect((await send()).status).toBe(202);
    await agent.say(taskId, delivered());
    await scene.inStep(taskId, "completed");
    expect((await send()).status).toBe(202);
    expect(await scene.client.task(taskId)).toMatchObject({ continuedBy: null, canSay: "continues" });
    expect(agent.commandsOf(taskId, "prompt").map(({ text }) => text)).toEqual(["Say hello", "And the tests?"]);
  });

  it("is told in order when the turn ends, once, though everything crashes in between; a task is then delivered", async () => {
    const { scene, taskId, agent } = await connectedIn("running");
    const reader = await StreamReader.open(scene.client, taskId);
    for (const text of ["And the tests?", "And the docs?"]) expect((await say(scene, taskId, text)).status).toBe(202);
    await reader.until("what waits", ({ tasks }) => tasks.at(-1)?.waitingTexts.length === 2);
    await abortAllDurableObjects();
    await agent.connect();
    agent.report(taskId, turnEnded());
    await abortAllDurableObjects();
    await agent.connect();
    await agent.heard();
    await scene.pass(30_000, taskId, agent.nodeId);
    expect(await agent.command(taskId, "prompt", 2)).toMatchObject({
      turn: 2,
      text: "And the tests?\n\nAnd the docs?",
    });
    expect(await scene.client.task(taskId)).toMatchObject({ step: "running", waitingTexts: [] });
    await agent.say(taskId, prose(2, "Done."), turnEnded(2));
    await scene.inStep(taskId, "delivery");
    await agent.command(taskId, "deliver");
    await agent.say(taskId, delivered());
    await scene.inStep(taskId, "completed");
    expect(agent.commandsOf(taskId, "prompt")).toHaveLength(2);
    await scene.expectOneRowChangeForEachTransition(taskId);
    expectContiguous(await scene.client.messages(taskId));
  });
});

describe("an interruption", () => {
  it("cancels the turn once, and leads to the user, also in task mode; then they speak, or have it delivered", async () => {
    const { scene, taskId, agent } = await connectedIn("running");
    expect((await interrupt(scene, taskId)).status).toBe(202);
    expect((await interrupt(scene, taskId)).status).toBe(202);
    expect(await agent.command(taskId, "cancel_turn")).toMatchObject({ turn: 1 });
    await agent.say(taskId, cancelled(1));
    expect(await scene.inStep(taskId, "awaiting_input")).toMatchObject({
      canSay: "next_turn",
      canInterrupt: false,
      canDeliver: true,
      permission: null,
    });
    expect(agent.commandsOf(taskId, "cancel_turn")).toHaveLength(1);
    expect((await interrupt(scene, taskId)).status).toBe(409);
    expect((await scene.client.post(`/api/tasks/${taskId}/deliver`)).status).toBe(202);
    await agent.command(taskId, "deliver");
    await agent.say(taskId, delivered());
    await scene.inStep(taskId, "completed");
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it("with something to say cancels the turn, and tells it in the next one", async () => {
    const { scene, taskId, agent } = await connectedIn("running");
    expect((await say(scene, taskId, "Stop. The tests first.", true)).status).toBe(202);
    await agent.command(taskId, "cancel_turn");
    await agent.say(taskId, cancelled(1));
    expect(await agent.command(taskId, "prompt", 2)).toMatchObject({ turn: 2, text: "Stop. The tests first." });
    expect((await scene.client.task(taskId)).step).toBe("running");
  });

  it("takes an open question back: it cannot be answered any more", async () => {
    const { scene, taskId, agent } = await connectedIn("awaiting_input");
    expect((await interrupt(scene, taskId)).status).toBe(202);
    await scene.inStep(taskId, "running");
    const answer = { requestId: "permission-1", optionId: "yes" };
    expect((await scene.client.post(`/api/tasks/${taskId}/answers`, answer)).status).toBe(409);
    await agent.say(taskId, permissionRequested);
    expect(await agent.command(taskId, "answer")).toMatchObject({ optionId: null });
    await agent.say(taskId, cancelled(1));
    await scene.inStep(taskId, "awaiting_input");
  });

  it("whose agent has to be killed leads to the user all the same, and what they say starts another one", async () => {
    const { scene, taskId, agent } = await connectedIn("running");
    await interrupt(scene, taskId);
    await agent.say(taskId, { type: "agent_gone", incarnation: 1, exitCode: null, signal: "SIGKILL", outputTail: "" });
    await scene.inStep(taskId, "awaiting_input");
    expect((await say(scene, taskId, "Go on")).status).toBe(202);
    expect(await agent.command(taskId, "start_agent", 2)).toMatchObject({ incarnation: 2, loadSessionId: "session-1" });
    await eventually(
      "its step",
      () => scene.client.task(taskId),
      ({ step }) => step === "running",
    );
  });
});
