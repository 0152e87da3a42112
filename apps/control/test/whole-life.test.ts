/**
 * The whole life of a task, and of many at once: whatever is evicted in between and however often a frame comes, each
 * step is made once, each message is shown once and in order, and the verdicts say what was done.
 */
import type { NodeTaskEvent } from "@sam/domain/node-task";
import type { Verdicts } from "@sam/domain/verdicts";
import type { Message } from "@sam/protocol/message";
import { abortAllDurableObjects, evictAllDurableObjects } from "cloudflare:test";
import { describe, expect, it } from "vitest";

import { Scene } from "./support/scene.ts";
import { StreamReader } from "./support/stream-reader.ts";
import type { Habits } from "./support/vm-agent-double.ts";
import {
  accepted,
  agentReady,
  answerTo,
  bytesArrived,
  checkedOut,
  checkPassed,
  delivered,
  produced,
  prose,
  pushed,
  receipt,
  turnEnded,
  working,
} from "./support/vm-agent-script.ts";
import { countRowChanges, double as provider, eventually, expectContiguous } from "./support/world.ts";

const wholePath = [
  "node_selection",
  "node_provisioning",
  "node_agent_ready",
  "workspace_creation",
  "workspace_ready",
  "agent_session",
  "running",
  "delivery",
  "completed",
];

/** What the agent said, in the order in which it is shown. */
function proseOf(messages: readonly Message[]): string[] {
  return messages.flatMap(({ body }) => {
    if (body.kind !== "agent_update") return [];
    const text = /"text":"([^"]*)"/.exec(JSON.stringify(body.update))?.[1];
    return text === undefined ? [] : [text];
  });
}

/** Runs a task on a VM agent for which all goes well, but for what the test changes in its deliveries. */
async function taskDelivering(verdicts: Partial<Pick<Verdicts, "produced" | "checked" | "pushed">>) {
  const scene = await Scene.open();
  const taskId = await scene.submit({ checkCommand: "npm test" });
  const onCommand: Habits["onCommand"] = working(({ body }) =>
    body.type === "deliver" ? [delivered(verdicts)] : answerTo(body),
  );
  const agent = await scene.bootAgentOf(taskId, { onCommand });
  const task = await eventually(
    "the end",
    () => scene.client.task(taskId),
    ({ final }) => final,
  );
  await scene.settled(taskId, agent.nodeId);
  return { scene, taskId, agent, task, row: await scene.rowIn(taskId, task.step) };
}

describe("one task", () => {
  it("goes through every step once, with everything evicted between two events and every frame sent twice", async () => {
    const scene = await Scene.open({ status: "initializing" });
    const { client } = scene;
    const taskId = await scene.submit({ checkCommand: "npm test" });
    const nodeId = await scene.nodeOf(taskId);
    const reader = await StreamReader.open(client, taskId);
    await scene.settled(taskId, nodeId);
    await evictAllDurableObjects();
    await scene.pass(4_000, nodeId, taskId);
    await provider.change({ status: "starting" });
    await scene.pass(4_000, nodeId, taskId);
    await provider.change({ status: "running" });
    await scene.pass(4_000, nodeId, taskId);
    const agent = await scene.bootAgentOf(taskId, { copies: 2 });

    const said: [command: "create_workspace" | "start_agent" | "prompt" | "deliver" | "tear_down", NodeTaskEvent[]][] =
      [
        ["create_workspace", [accepted, bytesArrived(10), bytesArrived(20), checkedOut]],
        ["start_agent", [{ type: "agent_phase", incarnation: 1, phase: "initializing" }, agentReady()]],
        ["prompt", [prose(1, "first"), prose(1, "second"), prose(1, "third"), turnEnded()]],
        ["deliver", [{ type: "delivery_phase", phase: "committing" }, delivered()]],
        ["tear_down", [...receipt, { type: "torn_down", savedRef: null }]],
      ];
    for (const [command, events] of said) {
      await agent.command(taskId, command);
      for (const event of events) {
        await evictAllDurableObjects();
        await agent.say(taskId, event);
        await scene.settled(taskId, nodeId);
      }
    }

    const task = await scene.inStep(taskId, "completed");
    expect(await client.transitions(taskId)).toEqual(wholePath);
    expect(await countRowChanges(taskId)).toBe(wholePath.length);
    expect(agent.commands.map(({ body }) => body.type)).toEqual(said.map(([command]) => command));
    expect(task.verdicts).toMatchObject({
      ended: { holds: true, stopReason: "end_turn" },
      produced,
      checked: checkPassed,
      pushed,
    });
    expect(await scene.rowIn(taskId, "completed")).toMatchObject({ colour: "green", version: wholePath.length });

    const messages = await client.messages(taskId);
    expectContiguous(messages);
    expect(proseOf(messages)).toEqual(["first", "second", "third"]);
    expect(messages.filter(({ author }) => author === "agent").map(({ body }) => body.kind)).toEqual(
      Array.from({ length: 3 }, () => "agent_update"),
    );
    await reader.until("the last message", ({ lastSeq }) => lastSeq === messages.length);
    expect(reader.messages).toEqual(messages);
    expect(await scene.node(nodeId)).toMatchObject({ state: "warm", claims: [] });
    // Frozen with its end: the cleanup that follows moves no clock.
    expect(task.clocks.frozenAt).toBe(task.clocks.inStateSince);
  });

  it("goes through every step once, though everything crashes in the middle of each", async () => {
    const scene = await Scene.open();
    const taskId = await scene.submit({ checkCommand: "npm test" });
    const agent = await scene.bootAgentOf(taskId);
    const { nodeId } = agent;
    for (const type of ["create_workspace", "start_agent", "prompt", "deliver", "tear_down"] as const) {
      const body = await agent.command(taskId, type);
      for (const event of answerTo(body)) {
        agent.report(taskId, event);
        // Nobody has heard yet what became of it.
        await abortAllDurableObjects();
        await agent.connect();
        await agent.heard();
        await abortAllDurableObjects();
        await agent.connect();
        // What was under way when it crashed is tried again by the alarm.
        await scene.pass(30_000, taskId, nodeId);
      }
    }
    await scene.inStep(taskId, "completed");
    await scene.pass(30_000, taskId, nodeId);
    await scene.settled(taskId, nodeId);
    expect((await scene.client.transitions(taskId)).slice(-6)).toEqual(wholePath.slice(-6));
    await scene.expectOneRowChangeForEachTransition(taskId);
    const messages = await scene.client.messages(taskId);
    expectContiguous(messages);
    expect(proseOf(messages)).toEqual(["I begin: Say hello", "I am done."]);
    expect(agent.commands).toHaveLength(5);
    expect(await scene.node(nodeId)).toMatchObject({ state: "warm", claims: [] });
  });

  it("a failed check fails the task, though its branch was pushed and can be looked at", async () => {
    const checked = { ...checkPassed, outcome: "failed", exitCode: 2, outputTail: "1 test failed" } as const;
    const { scene, taskId, task, row } = await taskDelivering({ checked });
    expect(task).toMatchObject({
      step: "failed",
      failure: { reason: "check_failed", evidence: expect.stringContaining("1 test failed") },
      verdicts: { pushed: { holds: true }, checked: { exitCode: 2 } },
    });
    expect(row.colour).toBe("red");
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it("a run that produced nothing is completed, and amber, never green", async () => {
    const nothing = { ...produced, holds: false, commits: 0, files: 0, insertions: 0, deletions: 0 };
    const { scene, taskId, task, row } = await taskDelivering({ produced: nothing, checked: null, pushed: null });
    expect(task).toMatchObject({ step: "completed", failure: null, verdicts: { produced: { holds: false } } });
    expect(row.colour).toBe("amber");
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it("a push that the remote does not list is a failure", async () => {
    const { task, row } = await taskDelivering({ pushed: { ...pushed, holds: false } });
    expect(task).toMatchObject({ step: "failed", failure: { reason: "push_unproven" } });
    expect(row.colour).toBe("red");
  });

  it("an agent that reports a failure of its own does not complete its task, whatever was delivered", async () => {
    const scene = await Scene.open();
    const taskId = await scene.submit();
    await scene.bootAgentOf(taskId, {
      onCommand: working(({ body }) =>
        body.type === "prompt" ? [turnEnded(body.turn, "block 2 exited with 1")] : answerTo(body),
      ),
    });
    const task = await scene.inStep(taskId, "failed");
    expect(task).toMatchObject({
      failure: { reason: "agent_reported_failure", evidence: "“block 2 exited with 1”" },
      verdicts: { ended: { holds: false }, pushed: { holds: true } },
    });
  });
});

describe("the stream", () => {
  it("replays from any seq exactly what comes after it", async () => {
    const { scene, taskId } = await taskDelivering({});
    const messages = await scene.client.messages(taskId);
    for (const after of messages.map(({ seq }) => seq - 1)) {
      const reader = await StreamReader.open(scene.client, taskId, after);
      await reader.until("the last message", ({ lastSeq }) => lastSeq === messages.length);
      await reader.until("the task", ({ tasks }) => tasks.length > 0);
      expect(reader.messages).toEqual(messages.slice(after));
      reader.cut();
    }
    const beyond = await StreamReader.open(scene.client, taskId, messages.length + 100);
    await beyond.until("the task", ({ tasks }) => tasks.length > 0);
    expect(beyond.messages).toEqual([]);
  });

  it("cut again and again in mid-stream, each message comes once and in order", async () => {
    const scene = await Scene.open();
    const taskId = await scene.submit();
    const agent = await scene.bootAgentOf(taskId, {
      copies: 2,
      onCommand: working(({ body }) => (body.type === "prompt" ? [] : answerTo(body))),
    });
    await scene.inStep(taskId, "running");
    const steady = await StreamReader.open(scene.client, taskId);
    const cut = await StreamReader.open(scene.client, taskId);
    const texts = Array.from({ length: 60 }, (_value, index) => `word ${index}`);
    for (const [index, text] of texts.entries()) {
      agent.report(taskId, prose(1, text));
      if (index % 7 === 3) cut.cut();
      if (index % 7 === 5) await cut.connect();
      if (index % 20 === 10) await evictAllDurableObjects();
    }
    cut.cut();
    await agent.heard();
    await cut.connect();
    const messages = await scene.client.messages(taskId);
    for (const reader of [steady, cut]) {
      await reader.until("the last message", ({ lastSeq }) => lastSeq === messages.length);
      expect(reader.messages).toEqual(messages);
    }
    expect(proseOf(messages)).toEqual(texts);
  });

  it("longer than a page, it is whole all the same, and in order", async () => {
    const scene = await Scene.open();
    const taskId = await scene.submit();
    const agent = await scene.bootAgentOf(taskId, {
      onCommand: working(({ body }) => (body.type === "prompt" ? [] : answerTo(body))),
    });
    await scene.inStep(taskId, "running");
    const texts = Array.from({ length: 1_100 }, (_value, index) => `line ${index}`);
    for (let from = 0; from < texts.length; from += 200) {
      await agent.say(taskId, ...texts.slice(from, from + 200).map((text) => prose(1, text)));
    }
    const reader = await StreamReader.open(scene.client, taskId);
    await reader.until("all of it", ({ messages }) => proseOf(messages).length === texts.length);
    expect(proseOf(reader.messages)).toEqual(texts);
    expectContiguous(reader.messages);
  });

  it("garbage of a client is dropped: the stream goes on for it and for the others", async () => {
    const scene = await Scene.open({ status: "initializing" });
    const taskId = await scene.submit();
    const rude = await StreamReader.open(scene.client, taskId);
    const other = await StreamReader.open(scene.client, taskId);
    for (const garbage of ["", "{", JSON.stringify({ type: "messages", messages: [] }), "x".repeat(200_000)]) {
      rude.send(garbage);
    }
    rude.send(new Uint8Array([0, 255, 3]).buffer);
    rude.send("ping");
    await rude.until("pong", ({ texts }) => texts.includes("pong"));
    await scene.client.cancel(taskId);
    const { length } = (await scene.inStep(taskId, "cancelled")).receipt;
    for (const reader of [rude, other]) {
      await reader.until("the end", ({ tasks }) => tasks.at(-1)?.step === "cancelled");
      expect(reader.messages.filter(({ body }) => body.kind === "receipt")).toHaveLength(length);
      expect(reader.isClosed).toBe(false);
    }
    rude.close();
    await rude.until("the end of the connection", ({ isClosed }) => isClosed);
  });
});

describe("two tasks on one node", () => {
  it("nothing of one appears in the other, though their events come in one frame", async () => {
    const scene = await Scene.open();
    const red = await scene.submit({ prompt: "Paint it red" });
    const agent = await scene.bootAgentOf(red, { copies: 2 });
    const blue = await scene.submit({ prompt: "Paint it blue" });
    const readers = {
      red: await StreamReader.open(scene.client, red),
      blue: await StreamReader.open(scene.client, blue),
    };
    await agent.command(red, "create_workspace");
    await agent.command(blue, "create_workspace");
    agent.habits.onCommand = ({ taskId, body }, vmAgent) => {
      const colour = taskId === red ? "red" : "blue";
      const events = answerTo(body).map((event) =>
        event.type === "agent_update" ? prose(event.turn, `${colour} brush`) : event,
      );
      vmAgent.report(taskId, ...events);
    };
    // Both at once, and interleaved in one frame.
    const records = [red, blue].flatMap((taskId) => agent.report(taskId, accepted, checkedOut));
    agent.send({
      type: "events",
      events: [records[2], records[0], records[3], records[1]].flatMap((record) => record ?? []),
    });

    await scene.inStep(red, "completed");
    await scene.inStep(blue, "completed");
    expect((await scene.client.task(red)).nodeId).toBe((await scene.client.task(blue)).nodeId);
    for (const [taskId, own, others] of [
      [red, "red", "blue"],
      [blue, "blue", "red"],
    ] as const) {
      const messages = await scene.client.messages(taskId);
      expectContiguous(messages);
      expect(proseOf(messages)).toEqual([`${own} brush`, `${own} brush`]);
      expect(JSON.stringify(messages)).not.toContain(others);
      expect(JSON.stringify(readers[own].messages)).not.toContain(others);
      await scene.expectOneRowChangeForEachTransition(taskId);
      await readers[own].until("the end", ({ tasks }) => tasks.at(-1)?.step === "completed");
    }
    const commandsOf = (taskId: typeof red) => agent.commands.filter((command) => command.taskId === taskId);
    expect(commandsOf(red).map(({ body }) => body.type)).toEqual(commandsOf(blue).map(({ body }) => body.type));
  });
});
