/**
 * Machines are scarce and providers fail: tasks wait in a queue that moves, no slot is given twice, no more machines are
 * made than there may be, and a server whose creation was answered by silence is taken over and never made again.
 */
import type { NodeId, TaskId } from "@sam/domain/ids";
import type { NodeCommand } from "@sam/domain/node-task";
import { defaultSettings } from "@sam/domain/settings";
import { taskListSchema, type TaskRow } from "@sam/protocol/task-api";
import { abortAllDurableObjects, evictAllDurableObjects } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";

import { minuteMs, Scene, secondMs } from "./support/scene.ts";
import { VmAgentDouble } from "./support/vm-agent-double.ts";
import { accepted, agentReady, answerTo, checkedOut, tornDown, working } from "./support/vm-agent-script.ts";
import { countRowChanges, double, evictAndRunAlarm, eventually, expectContiguous } from "./support/world.ts";

const quota = { status: 403, code: "resource_limit_exceeded" };

async function rows(scene: Scene): Promise<TaskRow[]> {
  const response = await scene.client.fetch("/api/tasks?limit=200");
  return taskListSchema.parse(await response.json()).tasks;
}

/** The VM agents of a fleet, and who works where: a slot is taken from the first command to the teardown. */
class Fleet {
  readonly agents = new Map<NodeId, VmAgentDouble>();
  readonly nodesOfTask = new Map<TaskId, Set<NodeId>>();
  readonly #working = new Map<NodeId, Set<TaskId>>();
  #turns: (() => void)[] = [];
  mostAtOnce = 0;

  get openTurns(): number {
    return this.#turns.length;
  }

  /** Every turn that is open ends. */
  endTurns(): void {
    const turns = this.#turns;
    this.#turns = [];
    for (const end of turns) end();
  }

  /** Boots a VM agent on each server that runs and has none yet. */
  async boot(scene: Scene): Promise<void> {
    const bare = (await scene.nodes()).filter(({ nodeId, state }) => state === "booting" && !this.agents.has(nodeId));
    for (const { nodeId } of bare) {
      const agent = await VmAgentDouble.boot(nodeId, {
        onCommand: (command, booted) => {
          this.#note(nodeId, command);
          const answer = () => booted.report(command.taskId, ...answerTo(command.body));
          if (command.body.type === "prompt") this.#turns.push(answer);
          else answer();
        },
      });
      this.agents.set(nodeId, agent);
    }
  }

  #note(nodeId: NodeId, { taskId, body }: NodeCommand): void {
    const tasks = this.#working.get(nodeId) ?? new Set();
    if (body.type === "tear_down") tasks.delete(taskId);
    else tasks.add(taskId);
    this.#working.set(nodeId, tasks);
    this.mostAtOnce = Math.max(this.mostAtOnce, tasks.size);
    this.nodesOfTask.set(taskId, (this.nodesOfTask.get(taskId) ?? new Set()).add(nodeId));
  }
}

describe("fifty tasks on four nodes of two slots", () => {
  it("all end rightly; no slot is given twice, no fifth machine is made, and the queue moves", async () => {
    const scene = await Scene.open();
    const fleet = new Fleet();
    const taskIds = await Promise.all(
      Array.from({ length: 50 }, (_value, index) => scene.submit({ prompt: `Task ${index}` })),
    );
    const first = await eventually(
      "every task with a node or in the queue",
      () => rows(scene),
      (all) => all.length === 50 && all.every(({ step }) => step !== "node_selection"),
    );
    const waiting = first.filter(({ step }) => step === "waiting_for_node_capacity");
    expect(waiting.length).toBeGreaterThanOrEqual(50 - 8);
    const places = await Promise.all(waiting.map(async ({ taskId }) => (await scene.client.task(taskId)).queuePlace));
    expect(Math.max(...places.map((place) => place ?? 0))).toBeGreaterThan(1);
    await eventually(
      "four servers",
      () => double.state(),
      ({ creates }) => creates === 4,
    );
    const queued = await Promise.all(taskIds.map((taskId) => scene.client.task(taskId)));
    const last = queued.reduce((one, other) => ((one.queuePlace ?? 0) > (other.queuePlace ?? 0) ? one : other));

    const placesOfLast: number[] = [];
    while ((await scene.client.task(last.taskId)).step === "waiting_for_node_capacity") {
      await eventually(
        "eight turns at once",
        async () => {
          await fleet.boot(scene);
          return fleet.openTurns;
        },
        (open) => open === 8,
      );
      // It sees its place when it looks by itself; room is offered to those that wait longest, and needs no look.
      await scene.pass(defaultSettings.capacityPollMs, last.taskId);
      const { queuePlace } = await scene.client.task(last.taskId);
      placesOfLast.push(queuePlace ?? 0);
      for (const agent of fleet.agents.values()) await agent.heartbeat();
      const ended = (await rows(scene)).filter(({ colour }) => colour !== null).length;
      fleet.endTurns();
      await eventually(
        "the end of these eight",
        async () => (await rows(scene)).filter(({ step }) => step === "completed").length,
        (completed) => completed >= ended + 8,
      );
      await eventually(
        "work for all slots, or for all that is left",
        () => fleet.openTurns,
        (open) => open === Math.min(8, 50 - ended - 8),
      );
    }
    fleet.endTurns();
    await eventually(
      "the end of all",
      async () => (await rows(scene)).map(({ step }) => step),
      (steps) => steps.every((step) => step === "completed"),
    );

    expect((await double.state()).creates).toBe(4);
    expect(fleet.agents.size).toBe(4);
    expect(fleet.mostAtOnce).toBe(2);
    expect(taskIds.map((taskId) => fleet.nodesOfTask.get(taskId)?.size)).toEqual(taskIds.map(() => 1));
    expect(placesOfLast).toEqual([42, 34, 26, 18, 10, 2]);
    await scene.settled(...taskIds);
    for (const node of await scene.nodes()) expect(node).toMatchObject({ state: "warm", claims: [] });
    for (const taskId of taskIds) {
      expect(await countRowChanges(taskId)).toBe((await scene.client.transitions(taskId)).length);
      expectContiguous(await scene.client.messages(taskId));
    }
  });
});

describe("a reserved node", () => {
  it("whose task is lost before it began takes up no place for ever: the sweep frees it", async () => {
    const scene = await Scene.open();
    const taskId = await scene.submit();
    const { nodeId } = await scene.bootAgentOf(taskId, { onCommand: working() });
    await scene.inStep(taskId, "completed");
    await scene.settled(taskId, nodeId);
    const lost = "node_00000000000000000000000000";
    await env.DB.prepare(
      `INSERT INTO nodes SELECT ?, owner_id, provider, machine_type, 'requested', 0, ?, ?, ?, NULL FROM nodes WHERE node_id = ?`,
    )
      .bind(lost, scene.clock.now, scene.clock.now, scene.clock.now + 5 * minuteMs, nodeId)
      .run();
    expect((await scene.client.fetch(`/api/nodes/${lost}`)).status).toBe(404);
    expect((await scene.client.post(`/api/nodes/${lost}/destroy`)).status).toBe(404);
    await scene.pass(6 * minuteMs);
    const { parts } = await scene.sweep();
    expect(parts.find(({ part }) => part === "nodes")).toMatchObject({ looked: 1, acted: 1, failed: null });
    const state = await env.DB.prepare("SELECT state FROM nodes WHERE node_id = ?").bind(lost).first("state");
    expect(state).toBe("destroyed");
  });
});

describe("no room", () => {
  it("a place in the queue is counted from 1, and moves up when one before it is gone", async () => {
    const scene = await Scene.open({ refuseCreate: quota });
    const taskIds: TaskId[] = [];
    for (let count = 0; count < 3; count += 1) {
      taskIds.push(await scene.submit());
      scene.clock.advance(secondMs);
    }
    for (const taskId of taskIds) await scene.inStep(taskId, "waiting_for_node_capacity");
    const [first, second, third] = taskIds;
    if (first === undefined || second === undefined || third === undefined) throw new Error("no tasks");
    await scene.client.cancel(first);
    await scene.inStep(first, "cancelled");
    expect((await scene.client.task(third)).step).toBe("waiting_for_node_capacity");
    await double.change({ refuseCreate: null });
    await scene.pass(minuteMs, second);
    await scene.inStep(second, "node_agent_ready");
  });

  it("a quota that the provider refuses: the task waits, asks again, and goes on when there is room", async () => {
    const scene = await Scene.open({ refuseCreate: quota });
    const taskId = await scene.submit();
    const waits = await scene.inStep(taskId, "waiting_for_node_capacity");
    const changes = await countRowChanges(taskId);
    const row = await scene.client.row(taskId);
    for (let tries = 0; tries < 5; tries += 1) {
      await scene.pass(minuteMs, taskId);
      await scene.settled(taskId);
      for (const { nodeId } of await scene.nodes()) await scene.pass(0, nodeId);
    }
    // It waits in one step, however often it was refused: neither the row nor the deadline moved.
    expect(await scene.client.task(taskId)).toMatchObject({
      step: "waiting_for_node_capacity",
      deadlineAt: waits.deadlineAt,
      clocks: { inStateSince: waits.clocks.inStateSince },
    });
    expect(await scene.client.row(taskId)).toEqual(row);
    expect(await countRowChanges(taskId)).toBe(changes);

    await double.change({ refuseCreate: null });
    await scene.pass(minuteMs, taskId);
    await scene.inStep(taskId, "node_agent_ready");
    await scene.bootAgentOf(taskId, { onCommand: working() });
    await scene.inStep(taskId, "completed");
    expect((await double.state()).creates).toBe(1);
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it.each([
    ["unauthorized", { status: 401, code: "unauthorized" }, "provider_unauthorized"],
    ["a request that it cannot use", { status: 422, code: "invalid_input" }, "provider_rejected"],
  ])("what waiting cannot mend ends the task at once: %s", async (_what, refuseCreate, reason) => {
    const scene = await Scene.open({ refuseCreate });
    const taskId = await scene.submit();
    const task = await scene.inStep(taskId, "failed");
    expect(task.failure).toMatchObject({ reason, evidence: expect.stringContaining(refuseCreate.code) });
    await scene.expectOneRowChangeForEachTransition(taskId);
  });
});

describe("a provider whose answers are lost", () => {
  it.each(["at once", "after an eviction", "after a crash of everything"] as const)(
    "a server whose creation was not answered is taken over, never made twice: asked again %s",
    async (when) => {
      const scene = await Scene.open({ loseCreateReplies: 1 });
      const taskId = await scene.submit();
      const nodeId = await scene.nodeOf(taskId);
      await eventually(
        "the server that nobody was told of",
        () => double.state(),
        ({ servers }) => servers.length === 1,
      );
      expect((await scene.node(nodeId)).serverId).toBeNull();
      if (when !== "at once") await evictAllDurableObjects();
      if (when === "after a crash of everything") await abortAllDurableObjects();
      await scene.pass(secondMs, nodeId);
      await scene.pass(secondMs, nodeId);
      await scene.inStep(taskId, "node_agent_ready");
      expect(await scene.node(nodeId)).toMatchObject({ state: "booting", serverId: "srv-1" });
      expect(await double.state()).toMatchObject({ creates: 1, servers: [{ id: "srv-1" }] });
      // Its token is the one that the server was given.
      await scene.bootAgentOf(taskId, { onCommand: working() });
      await scene.inStep(taskId, "completed");
      await scene.expectOneRowChangeForEachTransition(taskId);
    },
  );

  it("a server whose creation was not answered, for a task that is cancelled: found by its tag, and destroyed", async () => {
    const scene = await Scene.open({ loseCreateReplies: 1 });
    const taskId = await scene.submit();
    const nodeId = await scene.nodeOf(taskId);
    await eventually(
      "the server that nobody was told of",
      () => double.state(),
      ({ servers }) => servers.length === 1,
    );
    await scene.client.cancel(taskId);
    await scene.inStep(taskId, "cancelled");
    await scene.pass(5 * secondMs, nodeId);
    await scene.pass(5 * secondMs, nodeId);
    await scene.nodeIn(nodeId, "destroyed");
    expect(await double.state()).toMatchObject({ creates: 1, destroys: 1, servers: [] });
  });
});

describe("a provider that does not answer", () => {
  it("for a while: the task waits and goes on", async () => {
    const scene = await Scene.open({ unavailable: true });
    const taskId = await scene.submit();
    const nodeId = await scene.nodeOf(taskId);
    for (let tries = 0; tries < 8; tries += 1) await scene.pass(20 * secondMs, nodeId, taskId);
    expect((await scene.client.task(taskId)).step).toBe("node_provisioning");
    expect(await scene.node(nodeId)).toMatchObject({ state: "requested" });
    await double.change({ unavailable: false });
    await scene.pass(30 * secondMs, nodeId);
    await scene.inStep(taskId, "node_agent_ready");
    await scene.bootAgentOf(taskId, { onCommand: working() });
    await scene.inStep(taskId, "completed");
    expect((await double.state()).creates).toBe(1);
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it("for five minutes: the task fails, and what may have been made is destroyed when it answers again", async () => {
    const scene = await Scene.open({ loseCreateReplies: 1 });
    const taskId = await scene.submit();
    const nodeId = await scene.nodeOf(taskId);
    await eventually(
      "the server that nobody was told of",
      () => double.state(),
      ({ servers }) => servers.length === 1,
    );
    await double.change({ unavailable: true });
    await scene.pass(5 * minuteMs, nodeId);
    const task = await scene.inStep(taskId, "failed");
    expect(task.failure).toMatchObject({ reason: "provider_unavailable" });
    // Never given up: a quarter of an hour without an answer is asked again.
    for (let tries = 0; tries < 5; tries += 1) await scene.pass(5 * minuteMs, nodeId);
    expect((await scene.node(nodeId)).state).toBe("destroying");
    await double.change({ unavailable: false });
    await scene.pass(minuteMs, nodeId);
    await scene.pass(minuteMs, nodeId);
    await scene.nodeIn(nodeId, "destroyed");
    expect((await double.state()).servers).toEqual([]);
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it("when the server is to go: the node is destroyed only when the provider says so", async () => {
    const scene = await Scene.open();
    const { nodeId } = await scene.warmNode();
    await double.change({ unavailable: true });
    expect((await scene.client.post(`/api/nodes/${nodeId}/destroy`)).status).toBe(202);
    for (let tries = 0; tries < 6; tries += 1) await scene.pass(5 * minuteMs, nodeId);
    expect(await scene.node(nodeId)).toMatchObject({ state: "destroying" });
    await double.change({ unavailable: false, neverGone: true });
    await scene.pass(minuteMs, nodeId);
    expect(await scene.node(nodeId)).toMatchObject({ state: "destroying" });
    await double.change({ neverGone: false });
    await scene.pass(minuteMs, nodeId);
    await scene.pass(minuteMs, nodeId);
    await scene.nodeIn(nodeId, "destroyed");
  });
});

describe("a node that its owner gives up", () => {
  it("takes no new task, lets the one on it end, and is destroyed then", async () => {
    const scene = await Scene.open();
    const taskId = await scene.submit();
    const agent = await scene.bootAgentOf(taskId);
    const { nodeId } = agent;
    await agent.command(taskId, "create_workspace");
    const answer = await scene.client.post(`/api/nodes/${nodeId}/destroy`);
    expect(answer.status).toBe(202);
    await scene.nodeIn(nodeId, "draining");
    const next = await scene.submit();
    await scene.inStep(next, "node_agent_ready");
    expect(await scene.nodeOf(next)).not.toBe(nodeId);

    await agent.say(taskId, accepted);
    expect((await scene.client.task(taskId)).step).toBe("workspace_ready");
    await scene.client.cancel(taskId);
    await agent.command(taskId, "tear_down");
    await agent.say(taskId, ...tornDown);
    await scene.inStep(taskId, "cancelled");
    await scene.nodeIn(nodeId, "destroying");
    await scene.pass(5 * secondMs, nodeId);
    await scene.nodeIn(nodeId, "destroyed");
  });

  it("does not wait for ever: a task that does not let go within ten minutes loses it", async () => {
    const scene = await Scene.open();
    const taskId = await scene.submit();
    const agent = await scene.bootAgentOf(taskId);
    const { nodeId } = agent;
    await agent.command(taskId, "create_workspace");
    await agent.say(taskId, accepted, checkedOut);
    await agent.command(taskId, "start_agent");
    await agent.say(taskId, agentReady());
    await scene.client.post(`/api/nodes/${nodeId}/destroy`);
    const { deadlineAt } = await scene.nodeIn(nodeId, "draining");
    expect(deadlineAt).toBe(scene.clock.now + 10 * minuteMs);
    scene.clock.advance(9 * minuteMs);
    await agent.heartbeat();
    await evictAndRunAlarm(nodeId);
    await scene.passUntil((deadlineAt ?? 0) - 1, nodeId);
    expect((await scene.node(nodeId)).state).toBe("draining");
    await scene.pass(1, nodeId);
    const task = await scene.inStep(taskId, "failed");
    expect(task.failure).toMatchObject({ reason: "node_lost", evidence: expect.stringContaining(nodeId) });
    await scene.pass(5 * secondMs, nodeId);
    await scene.nodeIn(nodeId, "destroyed");
    await scene.expectOneRowChangeForEachTransition(taskId);
  });
});
