/** What a user says and decides: an answer counts once, a message that was accepted is never lost, two at once cannot both. */
import { abortAllDurableObjects } from "cloudflare:test";
import { describe, expect, it } from "vitest";

import { problemOf } from "./support/problem.ts";
import type { Scene } from "./support/scene.ts";
import { taskIn } from "./support/steps.ts";
import { delivered, permissionRequested, prose, tornDown, turnEnded } from "./support/vm-agent-script.ts";
import { evictAndRunAlarm, eventually, expectContiguous } from "./support/world.ts";

const answerOf = (scene: Scene, taskId: string, optionId: string | null, requestId = "permission-1") =>
  scene.client.post(`/api/tasks/${taskId}/answers`, { requestId, optionId });

const say = (scene: Scene, taskId: string, prompt: string) =>
  scene.client.post(`/api/tasks/${taskId}/messages`, { prompt });

function statusesOf(responses: readonly Response[]): number[] {
  return responses.map(({ status }) => status).toSorted((one, other) => one - other);
}

async function codeOf(response: Response): Promise<string> {
  return (await problemOf(response)).code;
}

describe("a permission", () => {
  it("is answered exactly once, though two answer at once and one answers late", async () => {
    const { scene, taskId, agent } = await taskIn("awaiting_input");
    expect((await scene.client.task(taskId)).permission).toMatchObject({
      requestId: "permission-1",
      title: expect.any(String),
    });
    const answers = await Promise.all([answerOf(scene, taskId, "yes"), answerOf(scene, taskId, "no")]);
    expect(statusesOf(answers)).toEqual([202, 409]);
    await scene.inStep(taskId, "running");
    expect((await answerOf(scene, taskId, "no")).status).toBe(409);
    const optionId = answers[0]?.status === 202 ? "yes" : "no";
    expect(await agent?.command(taskId, "answer")).toEqual({ type: "answer", requestId: "permission-1", optionId });
    await scene.settled(taskId);
    expect(agent?.commandsOf(taskId, "answer")).toHaveLength(1);
    expect((await scene.client.messages(taskId)).filter(({ body }) => body.kind === "permission_settled")).toHaveLength(
      1,
    );
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it("with an option that was not offered: 422 that names it; of another question: 409; both change nothing", async () => {
    const { scene, taskId } = await taskIn("awaiting_input");
    const before = await scene.client.task(taskId);
    const unknown = await answerOf(scene, taskId, "maybe");
    expect(unknown.status).toBe(422);
    expect((await problemOf(unknown)).errors).toMatchObject([{ field: "optionId" }]);
    const other = await answerOf(scene, taskId, "yes", "permission-2");
    expect(other.status).toBe(409);
    expect(await codeOf(other)).toBe("not_allowed_now");
    expect(await scene.client.task(taskId)).toEqual(before);
  });

  it("declined without a choice is an answer too", async () => {
    const { scene, taskId, agent } = await taskIn("awaiting_input");
    expect((await answerOf(scene, taskId, null)).status).toBe(202);
    expect(await agent?.command(taskId, "answer")).toMatchObject({ optionId: null });
  });

  it("is given through an eviction and a cut line", async () => {
    const { scene, taskId, agent } = await taskIn("awaiting_input");
    agent?.hangUp();
    await evictAndRunAlarm(taskId);
    expect((await answerOf(scene, taskId, "yes")).status).toBe(202);
    await scene.settled(taskId);
    await agent?.connect();
    expect(await agent?.command(taskId, "answer")).toMatchObject({ optionId: "yes" });
  });
});

describe("a policy", () => {
  const mayEdit = { permissionPolicy: "allow_edits" };
  const edit = {
    ...permissionRequested,
    title: "Edit clock.ts",
    scope: { toolKind: "edit", insideWorkspace: true, sandboxed: false },
  } as const;

  it("allows at once what it covers, and the conversation says who answered: no step, no row, no question", async () => {
    const { scene, taskId, agent } = await taskIn("running", mayEdit);
    const { version } = await scene.client.task(taskId);
    await agent?.say(taskId, edit);
    expect(await agent?.command(taskId, "answer")).toMatchObject({ requestId: "permission-1", optionId: "yes" });
    expect(await scene.client.task(taskId)).toMatchObject({ step: "running", version, permission: null });
    const said = (await scene.client.messages(taskId)).map(({ body }) => body);
    expect(said.slice(-2)).toMatchObject([
      { kind: "permission", requestId: "permission-1", toolKind: "edit" },
      { kind: "permission_settled", optionId: "yes", by: "policy:allow_edits" },
    ]);
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it("answers once, though everything crashes around it and the event comes again and again", async () => {
    const { scene, taskId, agent } = await taskIn("running", mayEdit);
    if (agent === null) throw new Error("no agent");
    agent.habits.copies = 2;
    agent.report(taskId, edit);
    await abortAllDurableObjects();
    await agent.connect();
    await agent.heard();
    await scene.pass(30_000, taskId, agent.nodeId);
    await agent.command(taskId, "answer");
    await scene.settled(taskId, agent.nodeId);
    expect(agent.commandsOf(taskId, "answer")).toHaveLength(1);
    const settled = (await scene.client.messages(taskId)).filter(({ body }) => body.kind === "permission_settled");
    expect(settled).toHaveLength(1);
  });

  it("asks about everything else", async () => {
    const { scene, taskId, agent } = await taskIn("running", mayEdit);
    await agent?.say(taskId, permissionRequested);
    expect((await scene.inStep(taskId, "awaiting_input")).permission).toMatchObject({ toolKind: "execute" });
    expect(agent?.commandsOf(taskId, "answer")).toEqual([]);
  });
});

describe("a conversation", () => {
  it("takes what the user says, one turn at a time: of two at once one waits for the other, and none is lost", async () => {
    const { scene, taskId, agent } = await taskIn("running", { mode: "conversation" });
    await agent?.say(taskId, prose(1, "Done."), turnEnded());
    await scene.inStep(taskId, "awaiting_input");
    const texts = ["Now in blue", "Now in red"];
    const answers = await Promise.all(texts.map((text) => say(scene, taskId, text)));
    expect(statusesOf(answers)).toEqual([202, 202]);
    const first = await agent?.command(taskId, "prompt", 2);
    const second = texts.find((text) => text !== first?.text);
    expect((await scene.client.task(taskId)).waitingTexts).toEqual([second]);
    await agent?.say(taskId, turnEnded(2));
    expect(await agent?.command(taskId, "prompt", 3)).toMatchObject({ turn: 3, text: second, resume: false });
    await scene.settled(taskId);
    const said = (await scene.client.messages(taskId)).filter(({ author }) => author === "user");
    expect(said.map(({ body }) => (body.kind === "prompt" ? body.text : ""))).toEqual([
      "Say hello",
      first?.text,
      second,
    ]);
    expectContiguous(await scene.client.messages(taskId));
  });

  it("ends with its delivery, which is asked for once and only between two turns", async () => {
    const { scene, taskId, agent } = await taskIn("running", { mode: "conversation" });
    const deliver = () => scene.client.post(`/api/tasks/${taskId}/deliver`);
    expect((await deliver()).status).toBe(409);
    await agent?.say(taskId, turnEnded());
    await scene.inStep(taskId, "awaiting_input");
    expect(statusesOf(await Promise.all([deliver(), deliver()]))).toEqual([202, 409]);
    await agent?.command(taskId, "deliver");
    await agent?.say(taskId, delivered());
    await agent?.say(taskId, ...tornDown);
    await scene.inStep(taskId, "completed");
    expect((await deliver()).status).toBe(409);
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it("is not interrupted by a message while a question is open: the message waits for the turn", async () => {
    const { scene, taskId, agent } = await taskIn("running", { mode: "conversation" });
    await agent?.say(taskId, permissionRequested);
    await scene.inStep(taskId, "awaiting_input");
    expect((await say(scene, taskId, "Never mind")).status).toBe(202);
    const refused = await scene.client.post(`/api/tasks/${taskId}/deliver`);
    expect(refused.status).toBe(409);
    expect((await problemOf(refused)).detail).toContain("answer");
    expect(await scene.client.task(taskId)).toMatchObject({
      permission: { requestId: "permission-1" },
      waitingTexts: ["Never mind"],
      canSay: "waits_for_the_turn",
    });
  });

  it("an agent that was gone is started again with its session before it is told", async () => {
    const { scene, taskId, agent } = await taskIn("running", { mode: "conversation" });
    await agent?.say(taskId, turnEnded());
    await agent?.say(taskId, { type: "agent_gone", incarnation: 1, exitCode: 137, signal: null, outputTail: "" });
    expect((await say(scene, taskId, "Still there?")).status).toBe(202);
    expect(await agent?.command(taskId, "start_agent", 2)).toMatchObject({
      incarnation: 2,
      loadSessionId: "session-1",
    });
    await eventually(
      "its step",
      () => scene.client.task(taskId),
      ({ step }) => step === "running",
    );
    expect(agent?.commandsOf(taskId, "prompt")).toHaveLength(1);
  });
});
