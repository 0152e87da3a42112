/**
 * Cancel is legal in every step that is not final, and ends in `cancelled` with a receipt: nothing is left running,
 * claimed or queued, and whatever succeeds late does not undo it.
 */
import type { NodeId, TaskId } from "@sam/domain/ids";
import { finalSteps, nonFinalSteps } from "@sam/domain/task-lifecycle";
import { problemSchema } from "@sam/protocol/problem";
import { evictAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";

import { minuteMs, Scene, secondMs } from "./support/scene.ts";
import { taskIn, type Standing } from "./support/steps.ts";
import { dialStatus, tokenOfServer } from "./support/vm-agent-double.ts";
import { answerTo, delivered, prose, receipt, tornDown, turnEnded, working } from "./support/vm-agent-script.ts";
import { double, evictAndRunAlarm, eventually, expectContiguous, objectOf } from "./support/world.ts";

const wholeReceipt = ["signal_sent", "processes_gone", "workspace_saved", "workspace_removed", "machine_released"];

/** What is still on its way to the VM agent for a task. */
async function queuedAt(nodeId: NodeId, taskId: TaskId): Promise<number> {
  return runInDurableObject(
    objectOf(nodeId),
    (_instance: unknown, { storage }) =>
      storage.sql.exec("SELECT 1 FROM commands WHERE task_id = ?", taskId).toArray().length,
  );
}

/** No node claims anything, and what the provider still lists is a warm node's. */
async function expectNothingLeft({ scene, taskId }: Standing): Promise<void> {
  const nodes = await eventually(
    "nodes at rest",
    () => scene.nodes(),
    (all) => all.every(({ claims, state }) => claims.length === 0 && (state === "warm" || state === "destroyed")),
  );
  expect(await Promise.all(nodes.map(({ nodeId }) => queuedAt(nodeId, taskId)))).toEqual(nodes.map(() => 0));
  const warm = nodes.filter(({ state }) => state === "warm").map(({ nodeId }) => nodeId);
  expect((await double.state()).servers.map(({ labels }) => labels["sam-node"])).toEqual(warm);
}

/** The VM agent ends everything, where there is one that was told to; alarms come where they are due. */
async function letItEnd({ scene, taskId, agent, mend }: Standing): Promise<void> {
  await mend();
  if (agent !== null) {
    await agent.command(taskId, "tear_down");
    await agent.say(taskId, ...tornDown);
  }
  for (let tries = 0; tries < 10 && (await scene.client.task(taskId)).step !== "cancelled"; tries += 1) {
    await scene.pass(secondMs, taskId);
  }
  await scene.inStep(taskId, "cancelled");
  for (const { nodeId } of await scene.nodes()) {
    await scene.pass(5 * secondMs, nodeId);
    await scene.pass(5 * secondMs, nodeId);
  }
}

async function expectCancelled(standing: Standing): Promise<void> {
  const { scene, taskId } = standing;
  const task = await scene.inStep(taskId, "cancelled");
  expect(task.receipt.map(({ line }) => line).toSorted()).toEqual(wholeReceipt.toSorted());
  expect(task.receipt.every(({ proof }) => proof.length > 5)).toBe(true);
  expect(task).toMatchObject({ canCancel: false, deadlineAt: null, failure: null });
  expect(task.clocks.frozenAt).not.toBeNull();
  await expectNothingLeft(standing);
  await scene.expectOneRowChangeForEachTransition(taskId);
  expectContiguous(await scene.client.messages(taskId));
}

describe("in every step", () => {
  it.each(nonFinalSteps.filter((step) => step !== "cancelling"))(
    "%s: cancelled with a whole receipt, and a late success does not undo it",
    async (step) => {
      const standing = await taskIn(step);
      const { scene, taskId, nodeId, agent } = standing;
      const answer = await scene.client.cancel(taskId);
      expect(answer.status).toBe(202);
      expect((await scene.client.task(taskId)).step).toMatch(/^cancel/);
      // What was about to succeed succeeds now.
      await evictAllDurableObjects();
      await agent?.say(taskId, turnEnded(), delivered());
      expect((await scene.client.task(taskId)).step).toMatch(/^cancel/);

      await letItEnd(standing);
      await expectCancelled(standing);

      // And once more, long after.
      const before = { task: await scene.client.task(taskId), row: await scene.client.row(taskId) };
      await agent?.say(taskId, prose(1, "still here"), turnEnded(), delivered());
      await agent?.connect();
      if (agent === null && nodeId !== null) await scene.pass(minuteMs, nodeId);
      expect((await scene.client.cancel(taskId)).status).toBe(202);
      await evictAndRunAlarm(taskId);
      expect({ task: await scene.client.task(taskId), row: await scene.client.row(taskId) }).toEqual(before);
    },
  );

  it("cancelling: asked again it changes nothing and says where it stands", async () => {
    const standing = await taskIn("cancelling");
    const { scene, taskId, agent } = standing;
    await agent?.say(taskId, ...receipt.slice(0, 2));
    const before = await scene.client.task(taskId);
    const messages = await scene.client.messages(taskId);
    const again = await Promise.all([scene.client.cancel(taskId), scene.client.cancel(taskId)]);
    expect(again.map(({ status }) => status)).toEqual([202, 202]);
    const after = await scene.client.task(taskId);
    expect(after).toMatchObject({ step: "cancelling", version: before.version, deadlineAt: before.deadlineAt });
    expect(after.receipt.map(({ line }) => line)).toEqual(["signal_sent", "processes_gone"]);
    expect(await scene.client.messages(taskId)).toEqual(messages);
    expect(agent?.commandsOf(taskId, "tear_down")).toHaveLength(1);
    await agent?.say(taskId, ...tornDown.slice(2));
    await expectCancelled(standing);
  });
});

describe("a machine that is not there yet", () => {
  it("the VM agent's hello comes after the cancel: nobody is there to be greeted", async () => {
    const standing = await taskIn("node_agent_ready");
    const { scene, taskId, nodeId } = standing;
    if (nodeId === null) throw new Error("no node");
    const token = await tokenOfServer(nodeId);
    await double.change({ neverGone: true });
    await scene.client.cancel(taskId);
    await scene.inStep(taskId, "cancelled");
    expect(await dialStatus(nodeId, token)).toBe(410);
    await double.change({ neverGone: false });
    await letItEnd(standing);
    await expectCancelled(standing);
  });

  it("the search's claim comes after the cancel: it is let go at once, and the machine destroyed", async () => {
    const standing = await taskIn("node_selection");
    const { scene, taskId } = standing;
    await scene.client.cancel(taskId);
    await scene.pass(minuteMs, taskId);
    // Until the search is back nobody can say that no machine is claimed.
    expect(await scene.client.task(taskId)).toMatchObject({ step: "cancelling" });
    await letItEnd(standing);
    expect((await double.state()).creates).toBeLessThanOrEqual(1);
    await expectCancelled(standing);
  });
});

describe("after the end", () => {
  it.each(finalSteps.filter((step) => step !== "cancelled"))(
    "a %s task is not cancelled: 409, and nothing changes",
    async (step) => {
      const scene = await Scene.open();
      const taskId = await scene.submit();
      await scene.bootAgentOf(taskId, {
        onCommand: working(({ body }) =>
          body.type === "deliver" && step === "failed"
            ? [delivered({ pushed: { holds: false, ref: null, commit: null, detail: "the remote lists nothing" } })]
            : answerTo(body),
        ),
      });
      await scene.inStep(taskId, step);
      await scene.settled(taskId);
      const before = await scene.client.task(taskId);
      const answer = await scene.client.cancel(taskId);
      expect(answer.status).toBe(409);
      expect(problemSchema.parse(await answer.json())).toMatchObject({
        code: "not_allowed_now",
        detail: expect.stringContaining(step),
      });
      expect(await scene.client.task(taskId)).toEqual(before);
    },
  );

  it("racing with the completion: whoever comes second is told so, and the end stands", async () => {
    const ends = new Set<string>();
    for (const order of ["cancel first", "delivered first", "at once"]) {
      const standing = await taskIn("delivery");
      const { scene, taskId, agent } = standing;
      if (order === "delivered first") agent?.report(taskId, delivered());
      const cancel = scene.client.cancel(taskId);
      if (order === "cancel first") await cancel;
      if (order !== "delivered first") agent?.report(taskId, delivered());
      const { status } = await cancel;
      await agent?.heard();
      await agent?.command(taskId, "tear_down");
      await agent?.say(taskId, ...tornDown);
      const end = status === 202 ? "cancelled" : "completed";
      await scene.inStep(taskId, end);
      ends.add(end);
      await expectNothingLeft(standing);
      await scene.expectOneRowChangeForEachTransition(taskId);
    }
    expect(ends).toContain("cancelled");
  });
});

describe("the VM agent is gone while the task is being cancelled", () => {
  it("at the deadline it is cancelled with what is unproven named; its later proof still lets the machine go", async () => {
    const standing = await taskIn("running");
    const { scene, taskId, nodeId, agent } = standing;
    if (agent === null || nodeId === null) throw new Error("no VM agent");
    agent.hangUp();
    await scene.client.cancel(taskId);
    await scene.pass(5 * minuteMs - 1, taskId);
    expect((await scene.client.task(taskId)).step).toBe("cancelling");
    await scene.pass(1, taskId);
    await scene.inStep(taskId, "cancelled");
    const notes = JSON.stringify((await scene.client.messages(taskId)).filter(({ body }) => body.kind === "note"));
    for (const line of wholeReceipt) expect(notes).toContain(line);
    // Nothing was proven, so nothing is called free.
    expect(await scene.node(nodeId)).toMatchObject({ state: "ready", claims: [taskId] });
    const row = await scene.client.row(taskId);

    await agent.connect();
    await agent.command(taskId, "tear_down");
    await agent.say(taskId, ...tornDown);
    await scene.settled(taskId, nodeId);
    expect(await scene.client.row(taskId)).toEqual(row);
    await expectCancelled(standing);
  });

  it("asking its node is no contact with it: the task was heard of when its machine was", async () => {
    const { scene, taskId, nodeId, agent } = await taskIn("running");
    if (agent === null || nodeId === null) throw new Error("no VM agent");
    agent.hangUp();
    const heardAt = scene.clock.now;
    await scene.client.cancel(taskId);
    for (let polls = 0; polls < 4; polls += 1) {
      await scene.pass(minuteMs, taskId);
      await scene.settled(taskId);
    }
    const { step, clocks } = await scene.client.task(taskId);
    expect({ step, ...clocks }).toMatchObject({ step: "cancelling", inStateSince: heardAt, lastContactAt: heardAt });
    expect((await scene.node(nodeId)).lastContactAt).toBe(heardAt);
  });

  it("and never comes back: its node is given up, and its destruction is the proof", async () => {
    const standing = await taskIn("running");
    const { scene, taskId, nodeId, agent } = standing;
    if (nodeId === null) throw new Error("no node");
    agent?.hangUp();
    await scene.client.cancel(taskId);
    await scene.pass(5 * minuteMs, taskId);
    await scene.inStep(taskId, "cancelled");
    await scene.pass(5 * minuteMs, nodeId);
    await scene.pass(5 * secondMs, nodeId);
    await scene.nodeIn(nodeId, "destroyed");
    const task = await eventually(
      "the machine's line",
      () => scene.client.task(taskId),
      ({ receipt: lines }) => lines.some(({ line }) => line === "machine_released"),
    );
    expect(task.receipt.map(({ line }) => line)).toEqual([
      "signal_sent",
      "processes_gone",
      "workspace_removed",
      "machine_released",
    ]);
    // Work that nobody saved is not called saved.
    expect(JSON.stringify(task.receipt)).not.toContain("workspace_saved");
    await expectNothingLeft(standing);
  });

  it("a workspace that cannot be torn down keeps the task cancelling, is tried again, and is named", async () => {
    const standing = await taskIn("running");
    const { scene, taskId, agent } = standing;
    await scene.client.cancel(taskId);
    await agent?.command(taskId, "tear_down");
    const refusal = {
      command: "tear_down",
      reason: "disk_full",
      evidence: "no room for the ref",
      verdicts: null,
    } as const;
    await agent?.say(taskId, ...receipt.slice(0, 2), { type: "command_failed", ...refusal, retryable: true });
    expect((await scene.client.task(taskId)).step).toBe("cancelling");
    await scene.pass(5 * secondMs, taskId);
    await agent?.command(taskId, "tear_down", 2);
    await agent?.say(taskId, ...tornDown.slice(2));
    await expectCancelled(standing);
  });
});

describe("two tasks on one node", () => {
  it("cancelling one ends nothing of the other", async () => {
    const scene = await Scene.open();
    const one = await scene.submit({ prompt: "One" });
    const agent = await scene.bootAgentOf(one);
    const other = await scene.submit({ prompt: "Other" });
    await agent.command(one, "create_workspace");
    await agent.command(other, "create_workspace");
    await scene.client.cancel(one);
    await agent.command(one, "tear_down");
    await agent.say(one, ...tornDown);
    await scene.inStep(one, "cancelled");
    expect(agent.commandsOf(other, "tear_down")).toEqual([]);
    expect((await scene.client.task(other)).step).toBe("workspace_creation");
    expect((await scene.node(agent.nodeId)).claims).toEqual([other]);
  });
});
