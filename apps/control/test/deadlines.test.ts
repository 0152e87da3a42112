/**
 * Every step that waits has a deadline, and at it happens what the lifecycle's table says: nothing a millisecond before,
 * whatever is polled or beats meanwhile, and no later. The objects are evicted before each alarm.
 */
import { failureReasons, type FailureReason } from "@sam/domain/failure-reason";
import { defaultSettings, type SettingName } from "@sam/domain/settings";
import {
  describeConsequence,
  nonFinalSteps,
  taskLifecycle,
  type Consequence,
  type NonFinalStep,
} from "@sam/domain/task-lifecycle";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";

import { minuteMs, secondMs } from "./support/scene.ts";
import { drivers, taskIn, type Standing } from "./support/steps.ts";
import {
  agentReady,
  delivered,
  modelFails,
  permissionRequested,
  prose,
  tornDown,
  turnEnded,
} from "./support/vm-agent-script.ts";
import { countRowChanges, double, evictAndRunAlarm, eventually } from "./support/world.ts";

afterEach(() => {
  Object.assign(env, { SETTINGS: "{}" });
});

/** Time passes and nobody says anything but heartbeats and polls; then it is checked that they moved nothing. */
async function expectNothingMovesUntil({ scene, taskId, nodeId, agent }: Standing, at: number): Promise<void> {
  const { client, clock } = scene;
  const task = await client.task(taskId);
  const row = await client.row(taskId);
  const changes = await countRowChanges(taskId);
  const from = clock.now;
  for (const time of [...[0.1, 0.4, 0.7, 0.95].map((share) => from + Math.floor((at - from) * share)), at - 1]) {
    clock.advance(time - clock.now);
    await agent?.heartbeat();
    if (nodeId !== null) await evictAndRunAlarm(nodeId);
    await evictAndRunAlarm(taskId);
  }
  const after = await client.task(taskId);
  expect(after).toMatchObject({ step: task.step, version: task.version, failure: null, attempt: task.attempt });
  expect(after.clocks).toMatchObject({
    inStateSince: task.clocks.inStateSince,
    lastProgressAt: task.clocks.lastProgressAt,
    frozenAt: null,
  });
  expect(await client.row(taskId)).toEqual(row);
  expect(await countRowChanges(taskId)).toBe(changes);
  if (agent !== null) expect(after.clocks.lastContactAt).toBe(at - 1);
}

async function deadlineComes(standing: Standing, at: number): Promise<void> {
  await expectNothingMovesUntil(standing, at);
  await standing.scene.passUntil(at, standing.taskId);
}

async function deadlineOf({ scene, taskId }: Standing): Promise<number> {
  const { deadlineAt } = await scene.client.task(taskId);
  if (deadlineAt === null) throw new Error("the step has no deadline");
  return deadlineAt;
}

/** Failed for that reason and at that time; its clocks and its row stand still from then on. */
async function expectFailed({ scene, taskId, mend }: Standing, reason: FailureReason, at: number): Promise<void> {
  const task = await scene.client.task(taskId);
  expect(task).toMatchObject({ step: "failed", deadlineAt: null, clocks: { frozenAt: at } });
  expect(task.failure).toMatchObject({ reason, whatToDo: failureReasons[reason] });
  await mend();
  const row = await scene.rowIn(taskId, "failed");
  expect(row).toMatchObject({ updatedAt: at, colour: "red", failureReason: reason, deadlineAt: null });
  await scene.pass(minuteMs, taskId);
  await scene.expectOneRowChangeForEachTransition(taskId);
}

/** The VM agent tears the workspace down, and the machine is free for the next task. */
async function expectLetGo({ scene, taskId, nodeId, agent }: Standing): Promise<void> {
  if (agent === null) return;
  await agent.command(taskId, "tear_down");
  await agent.say(taskId, ...tornDown);
  if (nodeId === null) throw new Error("no node");
  await scene.settled(taskId, nodeId);
  expect(await scene.node(nodeId)).toMatchObject({ state: "warm", claims: [] });
}

async function expectServerDestroyed({ scene, nodeId }: Standing): Promise<void> {
  if (nodeId === null) throw new Error("no node");
  await scene.pass(5 * secondMs, nodeId);
  await scene.nodeIn(nodeId, "destroyed");
  await expectNoServer();
}

/** Not even one that a search brought late. */
async function expectNoServer(): Promise<void> {
  await eventually(
    "an empty list of servers",
    () => double.state(),
    ({ servers }) => servers.length === 0,
  );
}

type Check<Does extends Consequence["does"]> = (
  standing: Standing,
  consequence: Extract<Consequence, { does: Does }>,
  at: number,
) => Promise<void>;

const checks: { readonly [Does in Consequence["does"]]: Check<Does> } = {
  fail: async (standing, { reason }, at) => {
    await expectFailed(standing, reason, at);
    await expectLetGo(standing);
    if (standing.agent === null) await expectNoServer();
  },
  destroy_node_and_fail: async (standing, { reason }, at) => {
    await expectFailed(standing, reason, at);
    await expectServerDestroyed(standing);
  },
  retry_then_fail: async (standing, { reason, retries }, at) => {
    const { scene, taskId, nodeId, agent } = standing;
    let last = at;
    for (let retry = 1; retry <= retries; retry += 1) {
      expect(await scene.client.task(taskId)).toMatchObject({ step: "workspace_creation", attempt: retry + 1, nodeId });
      await agent?.command(taskId, "create_workspace", retry + 1);
      last = await deadlineOf(standing);
      await deadlineComes(standing, last);
    }
    await expectFailed(standing, reason, last);
    await expectLetGo(standing);
  },
  restart_agent_then_fail: async (standing, { reason, restarts }, at) => {
    const { taskId, agent } = standing;
    let last = at;
    for (let restart = 1; restart <= restarts; restart += 1) {
      const command = await agent?.command(taskId, "start_agent", restart + 1);
      expect(command).toMatchObject({ incarnation: restart + 1 });
      last = await deadlineOf(standing);
      await deadlineComes(standing, last);
    }
    await expectFailed(standing, reason, last);
    await expectLetGo(standing);
  },
  deliver_then_fail: async (standing, { reason }) => {
    await expectDeliveredThenFailed(standing, reason);
  },
  deliver_then_fail_by_model: async (standing) => {
    await expectDeliveredThenFailed(standing, "model_unavailable");
  },
  end_by_verdict: async (standing, { reason }) => {
    await expectDeliveredThenFailed(standing, reason);
  },
  save_and_fail: async (standing, { reason }, at) => {
    await expectFailed(standing, reason, at);
    await expectLetGo(standing);
  },
  cancel_with_what_is_unproven: async (standing, _consequence, at) => {
    const { scene, taskId } = standing;
    expect(await scene.client.task(taskId)).toMatchObject({ step: "cancelled", clocks: { frozenAt: at }, receipt: [] });
    const notes = (await scene.client.messages(taskId)).filter(({ body }) => body.kind === "note");
    expect(JSON.stringify(notes.at(-1))).toContain(
      "signal_sent, processes_gone, workspace_saved, workspace_removed, machine_released",
    );
    await expectLetGo(standing);
    const { receipt } = await scene.client.task(taskId);
    expect(receipt.map(({ line }) => line)).toEqual([
      "signal_sent",
      "processes_gone",
      "workspace_saved",
      "workspace_removed",
      "machine_released",
    ]);
  },
};

/** What there is, is delivered and shown; the task has failed all the same. */
async function expectDeliveredThenFailed(standing: Standing, reason: FailureReason): Promise<void> {
  const { scene, taskId, agent } = standing;
  await scene.inStep(taskId, "delivery");
  await agent?.command(taskId, "deliver");
  await agent?.say(taskId, delivered());
  await expectFailed(standing, reason, scene.clock.now);
  const { verdicts } = await scene.client.task(taskId);
  expect(verdicts).toMatchObject({ ended: { holds: false }, produced: { holds: true }, pushed: { holds: true } });
  await expectLetGo(standing);
}

/** What the table says happens at that time. */
async function expectConsequence<Does extends Consequence["does"]>(
  standing: Standing,
  consequence: Extract<Consequence, { does: Does }>,
  at: number,
): Promise<void> {
  const does: Does = consequence.does;
  const check: Check<Does> = checks[does];
  await check(standing, consequence, at);
}

/** Its machine is never released while it waits, so that its step's own deadline is what comes. */
function keepMachines(): void {
  Object.assign(env, { SETTINGS: JSON.stringify({ awaitingReleaseMs: 2 * defaultSettings.awaitingInputMs }) });
}

describe("the deadline of a step", () => {
  it("has a driver for every row of the table", () => {
    const waiting = Object.entries(taskLifecycle).flatMap(([step, row]) => (row.final ? [] : [step]));
    expect(Object.keys(drivers).toSorted()).toEqual(waiting.toSorted());
    expect(waiting.toSorted()).toEqual([...nonFinalSteps].toSorted());
  });

  it.each(nonFinalSteps.map((step) => [step, describeConsequence(taskLifecycle[step].then)] as const))(
    "%s: %s",
    async (step) => {
      keepMachines();
      const standing = await taskIn(step);
      const at = await deadlineOf(standing);
      if (taskLifecycle[step].progressDeadline === null) await deadlineComes(standing, at);
      else await progressUntil(standing, step, at);
      const { then: consequence } = taskLifecycle[step];
      await expectConsequence(standing, consequence, at);
    },
  );
});

/** The work moves on, so the deadline of progress never comes; the deadline in all comes none the less. */
async function progressUntil(standing: Standing, step: NonFinalStep, at: number): Promise<void> {
  const { scene, taskId, nodeId, agent } = standing;
  const { inStateSince } = (await scene.client.task(taskId)).clocks;
  const limit = taskLifecycle[step].progressDeadline?.limit ?? "turnStallMs";
  for (let count = 1; scene.clock.now < at - 1; count += 1) {
    scene.clock.advance(Math.min(defaultSettings[limit] - 1, at - 1 - scene.clock.now));
    await agent?.say(
      taskId,
      step === "running" ? prose(1, `update ${count}`) : { type: "workspace_progress", phase: "mirror", bytes: count },
    );
    await agent?.heartbeat();
    if (nodeId !== null) await evictAndRunAlarm(nodeId);
    await evictAndRunAlarm(taskId);
  }
  const task = await scene.client.task(taskId);
  expect(task).toMatchObject({ step, deadlineAt: at, stalledSince: null });
  expect(task.clocks).toMatchObject({ inStateSince, lastProgressAt: at - 1 });
  await scene.passUntil(at, taskId);
}

describe("the deadline of progress", () => {
  it("workspace_ready: five minutes without a byte fail the task, however long the checkout may take in all", async () => {
    const standing = await taskIn("workspace_ready");
    const { scene, taskId, agent } = standing;
    await scene.pass(4 * minuteMs, taskId);
    await agent?.say(taskId, { type: "workspace_progress", phase: "mirror", bytes: 1 });
    const { progressDeadlineAt } = await scene.client.task(taskId);
    expect(progressDeadlineAt).toBe(scene.clock.now + 5 * minuteMs);
    await deadlineComes(standing, scene.clock.now + 5 * minuteMs);
    await expectFailed(standing, "workspace_timeout", scene.clock.now);
    await expectLetGo(standing);
  });

  it("running: 15 minutes of silence are flagged, and change neither the row nor the step", async () => {
    const standing = await taskIn("running");
    const { scene, taskId, agent } = standing;
    const flagAt = scene.clock.now + 15 * minuteMs;
    await expectNothingMovesUntil(standing, flagAt);
    expect((await scene.client.task(taskId)).stalledSince).toBeNull();
    const row = await scene.client.row(taskId);

    await scene.passUntil(flagAt, taskId);
    expect(await scene.client.task(taskId)).toMatchObject({ step: "running", stalledSince: flagAt });
    await scene.pass(minuteMs, taskId);
    expect(await scene.client.row(taskId)).toEqual(row);
    const flags = (await scene.client.messages(taskId)).filter(({ body }) => JSON.stringify(body).includes("Stalled"));
    expect(flags).toHaveLength(1);

    await agent?.say(taskId, prose(1, "I was thinking."));
    expect(await scene.client.task(taskId)).toMatchObject({ step: "running", stalledSince: null });
  });

  it("running: 30 minutes of silence cancel the turn and load the session again, once; then it is delivered and failed", async () => {
    const standing = await taskIn("running");
    const { scene, taskId, agent } = standing;
    const stallAt = scene.clock.now + 30 * minuteMs;
    await scene.passUntil(scene.clock.now + 15 * minuteMs, taskId);
    await deadlineComes(standing, stallAt);
    expect(await scene.client.task(taskId)).toMatchObject({ step: "running", failure: null });
    expect(await agent?.command(taskId, "cancel_turn")).toMatchObject({ turn: 1 });
    expect(await agent?.command(taskId, "start_agent", 2)).toMatchObject({
      incarnation: 2,
      loadSessionId: "session-1",
    });

    await agent?.say(taskId, agentReady(2, true));
    expect(await agent?.command(taskId, "prompt", 2)).toMatchObject({ turn: 2, resume: true });
    // The end of the turn that was given up is no end of the one that runs now.
    await agent?.say(taskId, turnEnded(1));
    expect((await scene.client.task(taskId)).step).toBe("running");

    await scene.passUntil(scene.clock.now + 15 * minuteMs, taskId);
    await deadlineComes(standing, stallAt + 30 * minuteMs);
    await expectDeliveredThenFailed(standing, "turn_stalled");
    expect(agent?.commandsOf(taskId, "start_agent")).toHaveLength(2);
  });

  it("awaiting_input: where no question is open, seven days of silence deliver, and the verdicts decide", async () => {
    keepMachines();
    const standing = await taskIn("running", { mode: "conversation" });
    const { scene, taskId, agent } = standing;
    await agent?.say(taskId, turnEnded());
    await scene.inStep(taskId, "awaiting_input");
    await deadlineComes(standing, await deadlineOf(standing));
    await scene.inStep(taskId, "delivery");
    await agent?.command(taskId, "deliver");
    await agent?.say(taskId, delivered());
    expect(await scene.client.task(taskId)).toMatchObject({ step: "completed", failure: null });
    await expectLetGo(standing);
    await scene.expectOneRowChangeForEachTransition(taskId);
  });
});

describe("the watch over the model", () => {
  it("running: five minutes after its first failure the turn is given up, whatever the agent says meanwhile", async () => {
    const standing = await taskIn("running");
    const { scene, taskId, agent } = standing;
    const [watch] = taskLifecycle.running.watches;
    if (watch === undefined) throw new Error("running watches nothing");
    await agent?.say(taskId, modelFails(1, "rate_limited"));
    const giveUpAt = scene.clock.now + defaultSettings[watch.limit];
    await scene.pass(4 * minuteMs, taskId);
    await agent?.say(taskId, prose(1, "I try again."), modelFails(1, "unavailable"));
    const { modelTrouble } = await scene.client.task(taskId);
    expect(modelTrouble).toMatchObject({ giveUpAt, failure: { kind: "unavailable", status: 503 } });
    await deadlineComes(standing, giveUpAt);
    expect(await agent?.command(taskId, "cancel_turn")).toMatchObject({ turn: 1 });
    await expectConsequence(standing, watch.then, giveUpAt);
    expect((await scene.client.task(taskId)).modelTrouble).toBeNull();
    expect(agent?.commandsOf(taskId, "start_agent")).toHaveLength(1);
  });

  it("awaiting_input: the time stands still, through any number of alarms, and goes on with the answer", async () => {
    const standing = await taskIn("running");
    const { scene, taskId, agent } = standing;
    await agent?.say(taskId, modelFails(1, "unavailable"), permissionRequested);
    await scene.inStep(taskId, "awaiting_input");
    expect((await scene.client.task(taskId)).modelTrouble).toMatchObject({ giveUpAt: null });
    for (let times = 0; times < 3; times += 1) await scene.pass(9 * minuteMs, taskId);
    await scene.client.post(`/api/tasks/${taskId}/answers`, { requestId: "permission-1", optionId: "yes" });
    expect((await scene.inStep(taskId, "running")).modelTrouble).toMatchObject({
      giveUpAt: scene.clock.now + 5 * minuteMs,
    });
  });
});

describe("each deadline is a setting", () => {
  const oddMs = 54_321;

  it.each(nonFinalSteps)("%s", async (step) => {
    const { deadline, progressDeadline } = taskLifecycle[step];
    const names: SettingName[] = [deadline, progressDeadline?.limit, progressDeadline?.flag].filter(
      (name) => name !== null && name !== undefined,
    );
    Object.assign(env, { SETTINGS: JSON.stringify(Object.fromEntries(names.map((name) => [name, oddMs]))) });
    const standing = await taskIn(step);
    const { scene, taskId } = standing;
    const task = await scene.client.task(taskId);
    expect(task.deadlineAt).toBe(task.clocks.inStateSince + oddMs);
    if (progressDeadline !== null) expect(task.progressDeadlineAt).toBe(task.clocks.inStateSince + oddMs);
    const { effects } = await deadlineMoves(standing, task.clocks.inStateSince + oddMs);
    expect(effects).toBe(true);
    await standing.mend();
  });

  /** @returns whether something moved at that time: another step, another try, another start of the agent. */
  async function deadlineMoves({ scene, taskId }: Standing, at: number): Promise<{ effects: boolean }> {
    const countOf = async () => (await scene.client.messages(taskId)).length;
    await scene.passUntil(at - 1, taskId);
    const before = await countOf();
    await scene.passUntil(at, taskId);
    return { effects: (await eventually("a message", countOf, (count) => count > before)) > before };
  }
});
