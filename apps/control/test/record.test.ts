/**
 * The flight recorder, through the real triggers: every event of a life is in the file, with what followed and the clocks
 * after it; beats are counted; the record stays small; the file holds no secret; and a task can be looked at as it was.
 */
import { quietTaskEvent, taskMomentOf } from "@sam/domain/record/task-moment";
import { defaultSettings } from "@sam/domain/settings";
import { begin, decide } from "@sam/domain/task-decision/decide";
import type { TaskRequest } from "@sam/domain/task-facts";
import { messagePageSchema } from "@sam/protocol/message";
import { checkExport, redecideExport, redecideExportedNode } from "@sam/protocol/recorded-task";
import { taskAsOfSchema, type TaskAsOf } from "@sam/protocol/task-as-of";
import { evictAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { drizzle } from "drizzle-orm/durable-sqlite";
import { describe, expect, it } from "vitest";

import { mostEntries, RecordLog } from "../src/record/record-log.ts";
import { readRecord } from "../src/record/record-reader.ts";
import { exportOf } from "./support/exported.ts";
import { sendJson } from "./support/own-client.ts";
import { minuteMs, Scene, secondMs, tamper } from "./support/scene.ts";
import { connectedIn } from "./support/steps.ts";
import { answerTo, prose, tornDown, turnEnded, working } from "./support/vm-agent-script.ts";
import { eventually, objectOf } from "./support/world.ts";

async function wholeLife() {
  const scene = await Scene.open();
  const taskId = await scene.submit({ checkCommand: "npm test" });
  const agent = await scene.bootAgentOf(taskId, { onCommand: working(({ body }) => answerTo(body)) });
  await eventually(
    "the end",
    () => scene.client.task(taskId),
    ({ final }) => final,
  );
  await scene.settled(taskId, agent.nodeId);
  return { scene, taskId, agent };
}

describe("an export", () => {
  it("tells a whole life: every transition with its cause, every effect with its outcome, and it is decided again as it was", async () => {
    const { scene, taskId, agent } = await wholeLife();
    const { exported } = await exportOf(scene.client, taskId);
    const { task, nodes } = exported;
    const transitions = await scene.client.transitionLog(taskId);
    expect(task.transitions).toEqual(transitions);
    expect(task.record).toMatchObject({ dropped: 0, beginsLate: false });
    const moves = task.record.entries.flatMap(({ at, outcome }) =>
      outcome.transitions.map(({ version, from, to, cause }) => ({ version, from, to, at, cause })),
    );
    expect(moves).toEqual(transitions);
    expect(task.messages).toEqual(await scene.client.messages(taskId));
    // Each effect that was asked for is there, done at its first try; what came of it names it.
    const asked = task.record.entries.flatMap(({ outcome }) => outcome.effects.map(({ key }) => key));
    const byKey = new Map(task.effects.map((effect) => [effect.key, effect]));
    expect(asked.filter((key) => byKey.get(key)?.doneAt === null || byKey.get(key)?.tries !== 1)).toEqual([]);
    const search = task.effects.find(({ intent }) => intent.kind === "select_node");
    expect(task.record.entries.find(({ outcomeOf }) => outcomeOf === search?.id)?.type).toBe("node_claimed");
    expect(nodes.map(({ nodeId, missing }) => ({ nodeId, missing }))).toEqual([
      { nodeId: agent.nodeId, missing: null },
    ]);
    expect(redecideExport(exported)).toEqual({ decided: task.record.entries.length, passedOver: [], differences: [] });
    const [node] = nodes;
    const again = node === undefined ? null : redecideExportedNode(exported, node);
    expect(again).toMatchObject({ passedOver: [], differences: [] });
    expect(checkExport(exported).flatMap(({ breaches }) => breaches)).toEqual([]);
  });

  it("of a life with a question, words in between and a cancel breaks no rule, and is decided again as it was", async () => {
    const { scene, taskId, agent, nodeId } = await connectedIn("awaiting_input");
    const { permission } = await scene.client.task(taskId);
    await scene.client.post(`/api/tasks/${taskId}/answers`, { requestId: permission?.requestId, optionId: "yes" });
    await agent.command(taskId, "answer");
    await scene.pass(minuteMs);
    await agent.heartbeat();
    await scene.client.post(`/api/tasks/${taskId}/messages`, { prompt: "And the other one" });
    await scene.client.cancel(taskId);
    await agent.command(taskId, "tear_down");
    await agent.say(taskId, ...tornDown);
    await scene.inStep(taskId, "cancelled");
    await scene.settled(taskId, nodeId);
    const { exported } = await exportOf(scene.client, taskId);
    const { length } = exported.task.record.entries;
    expect(redecideExport(exported)).toEqual({ decided: length, passedOver: [], differences: [] });
    expect(checkExport(exported).flatMap(({ breaches }) => breaches)).toEqual([]);
  });

  it("keeps the provider's replies, and nothing of what was given to the machine in confidence", async () => {
    const { scene, taskId, agent } = await wholeLife();
    const { exported, text } = await exportOf(scene.client, taskId);
    const calls = exported.nodes[0]?.providerCalls ?? [];
    expect(calls.find(({ call }) => call === "createServer")).toMatchObject({
      asked: { machineType: "local" },
      failed: false,
      reply: { id: "srv-1" },
    });
    expect(calls.find(({ call }) => call === "catalog")).toMatchObject({
      reply: { source: "double", machineTypes: 1 },
    });
    expect(text).not.toContain(agent.token);
    expect(text).not.toContain("userData");
  });

  it("keeps the provider's refusals, too", async () => {
    const scene = await Scene.open({ refuseCreate: { status: 403, code: "resource_limit_exceeded" } });
    const taskId = await scene.submit();
    await scene.inStep(taskId, "waiting_for_node_capacity");
    await scene.settled(taskId);
    const { exported } = await exportOf(scene.client, taskId);
    const refused = exported.nodes.flatMap(({ providerCalls }) => providerCalls).filter(({ failed }) => failed);
    expect(refused[0]).toMatchObject({ call: "createServer", reply: { code: "quota_exceeded" } });
  });

  it("says of an effect that failed how often it was tried, and with what", async () => {
    const { scene, taskId } = await connectedIn("running");
    await tamper(taskId, "UPDATE outbox SET attempts = 2, last_error = 'D1 was away' WHERE key = 'project-1'");
    const { exported } = await exportOf(scene.client, taskId);
    expect(exported.task.effects.find(({ key }) => key === "project-1")).toMatchObject({
      tries: 3,
      lastError: "D1 was away",
      doneAt: expect.any(Number),
    });
  });

  it("of a task whose agent prints its owner's secret holds none of it, in no form and in no name", async () => {
    const { scene, taskId, agent } = await connectedIn("running");
    const value = 'hunter2-"quoted"-and/slashed';
    const set = await sendJson(scene.client, "PUT", "/api/secrets/DEPLOY_KEY", { value });
    expect(set.status).toBe(200);
    const encoded = btoa(`user:${value}`);
    await agent.say(
      taskId,
      prose(1, `It is ${value}.`),
      { type: "agent_update", turn: 1, update: { sessionUpdate: "x", [value]: { kind: value, deep: [encoded] } } },
      turnEnded(1, `I give up: ${encodeURIComponent(value)}`),
    );
    const { text, exported } = await exportOf(scene.client, taskId);
    expect(exported.secretsRemoved).toEqual(["DEPLOY_KEY"]);
    expect(text).toContain("It is [secret DEPLOY_KEY].");
    const forms = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), btoa(value).slice(0, -2)];
    expect(forms.filter((form) => text.includes(form))).toEqual([]);
    expect(text).not.toContain(encoded.slice(8, 32));
  });

  it("of a node that cannot be asked says so, and of the task all the same", async () => {
    const { scene, taskId, nodeId } = await connectedIn("running");
    await tamper(nodeId, "ALTER TABLE record RENAME TO record_away");
    const { exported } = await exportOf(scene.client, taskId);
    expect(exported.nodes[0]?.missing).toContain("record");
    expect(exported.task.record.entries.length).toBeGreaterThan(5);
  });
});

describe("the record", () => {
  it("counts beats and updates, through evictions, and has the clocks that they moved", async () => {
    const { scene, taskId, agent } = await connectedIn("running");
    await agent.say(taskId, prose(1, "first"));
    const before = (await exportOf(scene.client, taskId)).exported.task.record.entries.length;
    for (let beats = 0; beats < 4; beats += 1) {
      await scene.pass(10 * secondMs);
      await agent.heartbeat();
      await agent.say(taskId, prose(1, "more"));
      await scene.settled(taskId);
      await evictAllDurableObjects();
    }
    const task = await eventually(
      "the last beat",
      () => scene.client.task(taskId),
      ({ clocks }) => clocks.lastContactAt === scene.clock.now,
    );
    const { exported } = await exportOf(scene.client, taskId);
    const { entries } = exported.task.record;
    expect(entries).toHaveLength(before);
    const last = entries.at(-1);
    expect(last?.lulls.map(({ kind, count }) => ({ kind, count }))).toEqual(
      expect.arrayContaining([
        { kind: "contact", count: 4 },
        { kind: "agent_update", count: 4 },
      ]),
    );
    expect(last?.atLast?.clocks).toEqual(task.clocks);
    expect(redecideExport(exported).differences).toEqual([]);
  });

  it("is bounded: the oldest entries go, and what is left can be decided again", async () => {
    const { scene, taskId } = await connectedIn("running");
    const written = mostEntries + 600;
    await runInDurableObject(objectOf(taskId), (_instance: unknown, state) => {
      const database = drizzle(state.storage);
      state.storage.sql.exec("DELETE FROM record");
      const words = { momentOf: taskMomentOf, quietOf: quietTaskEvent, kept: (event: object) => event };
      const log = new RecordLog(database, { ...words, settings: defaultSettings });
      const request = { ...someRequest, taskId };
      const startedAt = 1_000_000;
      let made = begin(request, startedAt, defaultSettings);
      log.write({ event: null, at: startedAt, completes: null }, made);
      for (let looks = 1; looks < written; looks += 1) {
        const at = startedAt + looks;
        // Each asks for the queue's place anew, so each is an entry of its own.
        const event = { type: "no_capacity", place: looks, why: "full" } as const;
        made = decide({ ...made.facts, selecting: true }, event, at, defaultSettings);
        log.write({ event, at, completes: null }, made);
      }
      const { dropped, entries } = readRecord(database);
      expect(entries.length).toBeLessThanOrEqual(mostEntries + 250);
      expect(dropped + entries.length).toBe(written);
      expect(entries[0]?.facts).toMatchObject({ step: "waiting_for_node_capacity" });
      expect(entries[0]?.settings).toMatchObject({ sweepGraceMs: defaultSettings.sweepGraceMs });
    });
    await scene.pass(0);
  });

  it("of a task that began before there were records begins with its facts, and says that it begins late", async () => {
    const { scene, taskId, agent } = await connectedIn("running");
    await tamper(taskId, "DELETE FROM record");
    await agent.connect();
    await agent.say(taskId, turnEnded());
    await scene.inStep(taskId, "delivery");
    const { exported } = await exportOf(scene.client, taskId);
    expect(exported.task.record).toMatchObject({ beginsLate: true, dropped: 0 });
    expect(exported.task.record.entries[0]?.facts).toMatchObject({ step: expect.any(String) });
    const { differences, passedOver } = redecideExport(exported);
    expect(differences).toEqual([]);
    expect(passedOver).toMatchObject([{ position: 1, why: "what came before it is not in the record" }]);
  });
});

const someRequest = {
  ownerId: "user_01J00000000000000000000000",
  projectId: "proj_01J00000000000000000000000",
  prompt: "Say hello",
  repository: { url: "/srv/project.git", branch: null },
  agentId: "runbook",
  checkCommand: null,
  mode: "task",
  permissionPolicy: "ask",
  continues: null,
} as unknown as TaskRequest;

describe("a task as it was", () => {
  const asOf = async (scene: Scene, taskId: string, at: number): Promise<TaskAsOf> => {
    const response = await scene.client.fetch(`/api/tasks/${taskId}/as-of?at=${at}`);
    return taskAsOfSchema.parse(await response.json());
  };

  it("is in the step of that moment, with its clocks, its deadline and what was said until then", async () => {
    const { scene, taskId, agent } = await connectedIn("running");
    await scene.pass(10 * secondMs);
    await agent.say(taskId, prose(1, "early"));
    const then = { at: scene.clock.now, task: await scene.client.task(taskId) };
    await scene.pass(minuteMs);
    await agent.say(taskId, prose(1, "late"), turnEnded());
    await scene.inStep(taskId, "delivery");
    const shown = await asOf(scene, taskId, then.at);
    const { canCancel, canInterrupt, canSay, canDeliver, ...was } = then.task;
    expect({ canCancel, canInterrupt, canSay, canDeliver }).not.toEqual({
      canCancel: false,
      canInterrupt: false,
      canSay: null,
      canDeliver: false,
    });
    expect(shown.task).toMatchObject(was);
    expect(shown).toMatchObject({ at: then.at, clocksKnown: true, task: { canCancel: false, canSay: null } });
    const response = await scene.client.fetch(`/api/tasks/${taskId}/messages?before=999999&asOf=${then.at}`);
    const page = messagePageSchema.parse(await response.json());
    expect(JSON.stringify(page.messages)).toContain("early");
    expect(JSON.stringify(page.messages)).not.toContain("late");
    expect(page.lastSeq).toBe(page.messages.at(-1)?.seq);
    expect((await asOf(scene, taskId, shown.after ?? 0)).task.step).toBe("delivery");
    // Before its beginning there was nothing: the beginning is shown.
    expect((await asOf(scene, taskId, 0)).at).toBe(was.createdAt);
  });

  it("shows the question that was open, and after its answer none", async () => {
    const { scene, taskId, agent } = await connectedIn("awaiting_input");
    const asked = await scene.client.task(taskId);
    await scene.pass(minuteMs);
    const answer = { requestId: asked.permission?.requestId ?? "", optionId: "yes" };
    await scene.client.post(`/api/tasks/${taskId}/answers`, answer);
    await agent.command(taskId, "answer");
    const answered = await scene.inStep(taskId, "running");
    const before = await asOf(scene, taskId, scene.clock.now - 1);
    expect(before.task).toMatchObject({ step: "awaiting_input", permission: asked.permission });
    expect((await asOf(scene, taskId, answered.clocks.inStateSince)).task.permission).toBeNull();
  });

  it("has no verdict that came later, and keeps those of the end", async () => {
    const { scene, taskId } = await wholeLife();
    const end = await scene.client.task(taskId);
    const now = await asOf(scene, taskId, scene.clock.now);
    expect(now.task).toMatchObject({ step: "completed", final: true, verdicts: end.verdicts, clocks: end.clocks });
  });

  it("of a task without a record says that its clocks are not known", async () => {
    const { scene, taskId } = await connectedIn("running");
    await tamper(taskId, "DELETE FROM record");
    const then = await asOf(scene, taskId, scene.clock.now);
    expect(then).toMatchObject({ clocksKnown: false, task: { step: "running", deadlineAt: null } });
  });
});
