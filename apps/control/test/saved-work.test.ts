/**
 * Saved work, as the control plane holds it: where it is is a fact of its task and a row of the list, the task that
 * continues brings it back, its node stays for it, and a cancel that can't be proven ends by force.
 */
import type { TaskId } from "@sam/domain/ids";
import type { SavedWorkReport } from "@sam/domain/saved-work";
import { problemSchema } from "@sam/protocol/problem";
import { savedWorkListSchema, type SavedWorkRow } from "@sam/protocol/saved-work-api";
import { forceOutlookSchema } from "@sam/protocol/task-api";
import { evictAllDurableObjects } from "cloudflare:test";
import { describe, expect, it } from "vitest";

import { hourMs, minuteMs, secondMs, type Scene } from "./support/scene.ts";
import { connectedIn, type Connected } from "./support/steps.ts";
import { receipt, tornDown, turnEnded, working } from "./support/vm-agent-script.ts";
import { eventually } from "./support/world.ts";

const commit = "c".repeat(40);
const atRemote: SavedWorkReport = {
  commit,
  baseCommit: "b".repeat(40),
  files: 3,
  insertions: 10,
  deletions: 2,
  uncommittedFiles: 2,
  unpushedCommits: 1,
  leftOut: [],
  place: "remote",
  whyNotPushed: null,
};
const inMirror: SavedWorkReport = { ...atRemote, place: "mirror", whyNotPushed: "the remote refused it" };

function hold({ agent }: Pick<Connected, "agent">, taskId: TaskId, ...works: readonly SavedWorkReport[]): void {
  agent.send({
    type: "held_work",
    works: works.map((work) => ({ taskId, ...work, leftOut: [...work.leftOut] })),
    unsaved: [],
  });
}

/** A task that was cancelled while it worked, its work saved, its machine let go. */
async function savedTask(work: SavedWorkReport): Promise<Connected> {
  const standing = await connectedIn("cancelling");
  const { scene, taskId, agent } = standing;
  hold(standing, taskId, work);
  await agent.say(taskId, ...receipt, {
    type: "torn_down",
    savedRef: `refs/sam/wip/${taskId}`,
    savedWork: work,
  });
  await scene.inStep(taskId, "cancelled");
  await scene.nodeIn(standing.nodeId, "warm");
  return standing;
}

async function listed(scene: Scene, query = ""): Promise<SavedWorkRow[]> {
  const response = await scene.client.fetch(`/api/saved-work${query}`);
  return savedWorkListSchema.parse(await response.json()).works;
}

async function inPlace({ scene, taskId }: Connected, place: string): Promise<void> {
  await eventually(
    `${place} in the task and in the list`,
    async () => {
      const task = await scene.client.task(taskId);
      const [row] = await listed(scene, "?all=true");
      return [task.savedWork?.place, row?.savedWork.place];
    },
    (places) => places.every((known) => known === place),
  );
}

describe("the saved work of a task", () => {
  it("is in the task, in the list of its owner alone, and follows what its node says", async () => {
    const standing = await savedTask(inMirror);
    const { scene, taskId, nodeId } = standing;
    await inPlace(standing, "mirror");
    const [row] = await listed(scene);
    expect(row?.savedWork).toMatchObject({
      ...inMirror,
      nodeId,
      isKept: true,
      ref: `refs/sam/wip/${taskId}`,
      fetchLine: null,
      summary: "3 files (+10 −2), 2 files not committed, 1 commit not pushed",
    });
    expect(await listed(await scene.beside())).toEqual([]);
    await evictAllDurableObjects();
    await standing.agent.connect();
    hold(standing, taskId, atRemote);
    await inPlace(standing, "remote");
    expect((await scene.client.task(taskId)).savedWork?.fetchLine).toContain(`git fetch origin refs/sam/wip/${taskId}`);
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it("is brought back by what is said next, on the node that alone has it, and goes once that is delivered", async () => {
    const standing = await savedTask(inMirror);
    const { scene, taskId, nodeId, agent } = standing;
    agent.habits.onCommand = working();
    const said = await scene.client.post(`/api/tasks/${taskId}/messages`, { prompt: "Go on" });
    expect(said.status).toBe(202);
    const { continuedBy } = await scene.client.task(taskId);
    if (continuedBy === null) throw new Error("nothing continues it");
    expect(await scene.nodeOf(continuedBy)).toBe(nodeId);
    expect((await agent.command(continuedBy, "create_workspace")).savedWork).toEqual({ taskId, commit });
    await scene.inStep(continuedBy, "completed");
    expect((await scene.client.task(continuedBy)).broughtBack).toEqual({ taskId, commit });
    const [frame] = await eventually(
      "the node is told to forget it",
      () => agent.framesOf("forget_saved_work"),
      (frames) => frames.length > 0,
    );
    expect(frame).toMatchObject({ taskId, commit });
    agent.send({ type: "saved_work_forgotten", taskId, commit, remote: "absent", detail: "the remote lists nothing" });
    hold(standing, taskId);
    await inPlace(standing, "removed");
    expect(await listed(scene)).toEqual([]);
  });

  it("is brought back whole by what was said while it was still being saved, also by way of tasks whose own workspace never stood", async () => {
    const { scene, taskId, agent } = await connectedIn("delivery");
    const failed = {
      type: "command_failed",
      evidence: "it could not be done",
      retryable: false,
      verdicts: null,
    } as const;
    await agent.say(taskId, { ...failed, command: "deliver", reason: "delivery_failed" });
    await agent.command(taskId, "tear_down");
    const sayTo = async (to: TaskId) => {
      await scene.client.post(`/api/tasks/${to}/messages`, { prompt: "Go on" });
      const { continuedBy } = await scene.client.task(to);
      if (continuedBy === null) throw new Error("nothing continues it");
      return continuedBy;
    };
    const between = await sayTo(taskId);
    await scene.inStep(between, "waiting_for_node_capacity");
    await scene.client.cancel(between);
    await scene.inStep(between, "cancelled");
    const last = await sayTo(between);
    await scene.inStep(last, "waiting_for_node_capacity");
    await agent.say(taskId, ...receipt, { type: "torn_down", savedRef: `refs/sam/wip/${taskId}`, savedWork: inMirror });
    expect((await agent.command(last, "create_workspace")).savedWork).toEqual({ taskId, commit });
    await agent.say(last, { ...failed, command: "create_workspace", reason: "workspace_failed" });
    await agent.command(last, "tear_down");
    await agent.say(last, ...tornDown);
    const after = await sayTo(last);
    expect((await agent.command(after, "create_workspace")).savedWork).toEqual({ taskId, commit });
  });

  it("is discarded by its owner, by whichever machine is there, and asked again until one has", async () => {
    const standing = await savedTask(atRemote);
    const { scene, taskId, agent } = standing;
    const stranger = await scene.beside();
    expect((await stranger.client.fetch(`/api/saved-work/${taskId}`, { method: "DELETE" })).status).toBe(404);
    agent.hangUp();
    expect((await scene.client.fetch(`/api/saved-work/${taskId}`, { method: "DELETE" })).status).toBe(202);
    expect((await scene.client.fetch(`/api/saved-work/${taskId}`, { method: "DELETE" })).status).toBe(202);
    await eventually(
      "why it is still there",
      async () => (await scene.client.task(taskId)).savedWork?.forget?.detail,
      (detail) => detail?.includes("none of your machines is connected") === true,
    );
    await agent.connect();
    await scene.pass(11 * minuteMs, taskId);
    await eventually(
      "the node is told",
      () => agent.framesOf("forget_saved_work"),
      (frames) => frames.length === 1,
    );
    agent.send({ type: "saved_work_forgotten", taskId, commit, remote: "removed", detail: "the remote removed it" });
    await inPlace(standing, "removed");
    const again = await scene.client.fetch(`/api/saved-work/${taskId}`, { method: "DELETE" });
    expect(again.status).toBe(202);
  });

  it("means nothing where another owner's node speaks of it", async () => {
    const standing = await savedTask(inMirror);
    const { scene, taskId } = standing;
    const other = await scene.beside();
    const theirs = await other.submit();
    const theirAgent = await other.bootAgentOf(theirs);
    theirAgent.send({ type: "held_work", works: [{ taskId, ...atRemote, leftOut: [] }], unsaved: [] });
    theirAgent.send({ type: "saved_work_forgotten", taskId, commit, remote: "removed", detail: "" });
    await theirAgent.heartbeat();
    await inPlace(standing, "mirror");
    theirAgent.send({ type: "grant_wanted", requestId: "save-1", taskId, agentId: "runbook", purpose: "save" });
    const refusals = await eventually(
      "the refusal",
      () => theirAgent.framesOf("grant_refused"),
      (frames) => frames.length > 0,
    );
    expect(refusals[0]?.detail).toContain("is not a task of this node");
  });

  it("is looked through with the secrets of a task that has ended, on its own node", async () => {
    const { agent, taskId } = await savedTask(inMirror);
    agent.send({ type: "grant_wanted", requestId: "save-1", taskId, agentId: "runbook", purpose: "save" });
    agent.send({ type: "grant_wanted", requestId: "agent-1", taskId, agentId: "runbook" });
    await eventually(
      "both answers",
      () => [...agent.framesOf("grant"), ...agent.framesOf("grant_refused")].map(({ requestId }) => requestId),
      (ids) => ids.includes("save-1") && ids.includes("agent-1"),
    );
    expect(agent.framesOf("grant").map(({ requestId }) => requestId)).toEqual(["save-1"]);
  });
});

describe("a node that alone has saved work", () => {
  it("stays past its time and says why, is not given up without its owner's word, and then loses it", async () => {
    const { scene, taskId, nodeId, agent } = await savedTask(inMirror);
    for (let hour = 0; hour < 2; hour += 1) {
      await agent.heartbeat();
      await scene.pass(9 * minuteMs, nodeId);
      await agent.heartbeat();
      await scene.pass(9 * minuteMs, nodeId);
      await agent.heartbeat();
      await scene.pass(9 * minuteMs, nodeId);
    }
    const node = await scene.node(nodeId);
    expect(node).toMatchObject({
      state: "warm",
      holds: [{ taskId, kind: "saved_work", why: "the remote refused it" }],
    });
    expect(node.kept).not.toBeNull();
    const refused = await scene.client.post(`/api/nodes/${nodeId}/destroy`, {});
    expect(refused.status).toBe(409);
    expect(problemSchema.parse(await refused.json()).detail).toContain(taskId);
    expect((await scene.node(nodeId)).state).toBe("warm");
    expect((await scene.client.post(`/api/nodes/${nodeId}/destroy?discardUnsaved=true`, {})).status).toBe(202);
    await scene.pass(5 * secondMs, nodeId);
    await scene.pass(5 * secondMs, nodeId);
    await scene.nodeIn(nodeId, "destroyed");
    await eventually(
      "the loss is known",
      async () => (await scene.client.task(taskId)).savedWork?.place,
      (place) => place === "lost",
    );
  });

  it("that falls silent with unsaved work on it is kept, and its task ends", async () => {
    const { scene, taskId, nodeId, agent } = await connectedIn("running");
    agent.send({ type: "held_work", works: [], unsaved: [taskId] });
    await agent.heartbeat();
    agent.hangUp();
    await scene.pass(11 * minuteMs, nodeId);
    const task = await scene.inStep(taskId, "failed");
    expect(task.failure?.reason).toBe("node_lost");
    await scene.pass(hourMs, nodeId);
    expect(await scene.node(nodeId)).toMatchObject({ state: "draining", holds: [{ taskId, kind: "workspace" }] });
    await agent.connect();
    await agent.command(taskId, "tear_down");
    hold({ agent }, taskId, atRemote);
    await agent.say(taskId, ...receipt, {
      type: "torn_down",
      savedRef: `refs/sam/wip/${taskId}`,
      savedWork: atRemote,
    });
    await scene.nodeIn(nodeId, "destroying");
    expect((await scene.client.task(taskId)).savedWork?.place).toBe("remote");
  });
});

describe("a cancel that can't be proven", () => {
  it("says by name what force would lose, ends at once, and its machine is destroyed; once", async () => {
    const { scene, taskId, nodeId, agent } = await connectedIn("cancelling");
    agent.hangUp();
    const path = `/api/tasks/${taskId}/cancel`;
    const outlook = forceOutlookSchema.parse(await (await scene.client.fetch(path)).json());
    expect(outlook.canForce).toBe(true);
    expect(outlook.unproven).toHaveLength(5);
    expect(outlook.losses.join("\n")).toMatch(/neither pushed nor saved.*\n.*is destroyed with its disk/s);
    expect((await scene.client.post(`${path}?force=true`, {})).status).toBe(202);
    const task = await scene.inStep(taskId, "cancelled");
    expect(task.receiptLines.every(({ state }) => state === "unproven")).toBe(true);
    expect((await scene.client.post(`${path}?force=true`, {})).status).toBe(202);
    await scene.settled(taskId);
    await scene.pass(5 * secondMs, nodeId);
    await scene.pass(5 * secondMs, nodeId);
    await scene.nodeIn(nodeId, "destroyed");
    const after = await eventually(
      "what its machine's end proves",
      () => scene.client.task(taskId),
      ({ unproven }) => unproven.length === 1,
    );
    expect(after).toMatchObject({ unproven: ["workspace_saved"], version: task.version, nodeId: null });
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it("what its machine still said is no word of a machine that is gone: nothing is shown as saved there", async () => {
    const standing = await connectedIn("cancelling");
    const { scene, taskId, nodeId, agent } = standing;
    expect((await scene.client.post(`/api/tasks/${taskId}/cancel?force=true`, {})).status).toBe(202);
    await scene.settled(taskId);
    await scene.pass(5 * secondMs, nodeId);
    await scene.pass(5 * secondMs, nodeId);
    await scene.nodeIn(nodeId, "destroyed");
    hold(standing, taskId, inMirror);
    expect((await agent.untilClosed()).reason).toBe("this node is destroyed");
    expect(await listed(scene)).toEqual([]);
    expect((await scene.client.task(taskId)).savedWork).toBeNull();
  });

  it("keeps the machine where that alone has the work of another task, and says so before and after", async () => {
    const standing = await savedTask(inMirror);
    const { scene, taskId: before, nodeId, agent } = standing;
    const taskId = await scene.submit();
    expect(await scene.nodeOf(taskId)).toBe(nodeId);
    await agent.command(taskId, "create_workspace");
    await scene.client.cancel(taskId);
    await scene.inStep(taskId, "cancelling");
    const path = `/api/tasks/${taskId}/cancel`;
    const { losses, keeps } = forceOutlookSchema.parse(await (await scene.client.fetch(path)).json());
    expect(keeps.join("\n")).toMatch(`is kept for what nobody else has: 3 files`);
    expect(losses.join("\n")).not.toMatch("destroyed");
    expect((await scene.client.post(`${path}?force=true`, {})).status).toBe(202);
    const { receiptLines } = await scene.inStep(taskId, "cancelled");
    await scene.settled(taskId, nodeId);
    expect(receiptLines.filter(({ state }) => state === "unproven")).not.toEqual([]);
    expect(await scene.node(nodeId)).toMatchObject({ state: "draining", claims: [], holds: [{ taskId: before }] });
    hold(standing, before, atRemote);
    await scene.nodeIn(nodeId, "destroying");
    expect((await scene.client.task(before)).savedWork?.place).toBe("remote");
  });

  it("is refused, in words, for a task that works and for one that has ended", async () => {
    const { scene, taskId, agent } = await connectedIn("running");
    const path = `/api/tasks/${taskId}/cancel?force=true`;
    const early = await scene.client.post(path, {});
    expect(early.status).toBe(409);
    expect(problemSchema.parse(await early.json()).detail).toContain("cancel it first");
    agent.habits.onCommand = working();
    await agent.say(taskId, turnEnded());
    await scene.inStep(taskId, "completed");
    const late = await scene.client.post(path, {});
    expect(problemSchema.parse(await late.json()).detail).toContain("has already ended: it is completed");
  });
});
