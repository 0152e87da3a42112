/**
 * Going on after the end: exactly one task continues another, whatever is lost or crashes in between; it works in the same
 * place, with the agent's session where that can be loaded, and with a summary where not.
 */
import type { TaskId } from "@sam/domain/ids";
import type { NodeTaskEvent } from "@sam/domain/node-task";
import type { TaskView } from "@sam/protocol/task-api";
import { abortAllDurableObjects } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";

import { oneTaskSchema } from "./support/one-task.ts";
import { problemOf } from "./support/problem.ts";
import { Scene } from "./support/scene.ts";
import { StreamReader } from "./support/stream-reader.ts";
import type { VmAgentDouble } from "./support/vm-agent-double.ts";
import {
  accepted,
  agentReady,
  answerTo,
  checkedOut,
  delivered,
  pushed,
  tornDown,
  working,
} from "./support/vm-agent-script.ts";
import { eventually, newTaskId } from "./support/world.ts";

interface Ended {
  readonly scene: Scene;
  readonly taskId: TaskId;
  readonly agent: VmAgentDouble;
}

/** A task that has come to its end on a VM agent for which all goes well, but for what the test changes. */
async function ended(
  change: (events: readonly NodeTaskEvent[]) => readonly NodeTaskEvent[] = (events) => events,
): Promise<Ended> {
  const scene = await Scene.open();
  const taskId = await scene.submit({ prompt: "Fix the clock", checkCommand: "npm test" });
  const agent = await scene.bootAgentOf(taskId, { onCommand: working(({ body }) => change(answerTo(body))) });
  await eventually(
    "the end",
    () => scene.client.task(taskId),
    ({ final }) => final,
  );
  return { scene, taskId, agent };
}

/** The same, with everything let go. */
async function over(change?: Parameters<typeof ended>[0]): Promise<Ended> {
  const standing = await ended(change);
  await standing.scene.settled(standing.taskId, standing.agent.nodeId);
  return standing;
}

const say = ({ scene: { client } }: Ended, taskId: string, prompt: string, by?: string) =>
  client.post(`/api/tasks/${taskId}/messages`, by === undefined ? { prompt } : { prompt, taskId: by });

async function continued(standing: Ended, prompt = "Now the docs", by?: string): Promise<TaskView> {
  const response = await say(standing, standing.taskId, prompt, by);
  if (response.status !== 202) throw new Error(`not continued: ${await response.text()}`);
  return oneTaskSchema.parse(await response.json()).task;
}

const statusesOf = (responses: readonly Response[]) =>
  responses.map(({ status }) => status).toSorted((one, other) => one - other);

describe("exactly one task continues another", () => {
  it("of two that ask at once with ids of their own; the other is told which one it is", async () => {
    const standing = await over();
    const ids = [newTaskId(), newTaskId()];
    const answers = await Promise.all(ids.map((id) => say(standing, standing.taskId, "Now the docs", id)));
    expect(statusesOf(answers)).toEqual([202, 409]);
    const { continuedBy, canSay } = await standing.scene.client.task(standing.taskId);
    expect(continuedBy).toBe(ids[answers.findIndex(({ status }) => status === 202)]);
    expect(canSay).toBeNull();
    const late = await say(standing, standing.taskId, "And again");
    expect(late.status).toBe(409);
    expect((await problemOf(late)).detail).toContain(continuedBy);
  });

  it("sent again with the same id, also at once, it is the same task; with another text it is refused", async () => {
    const standing = await over();
    const by = newTaskId();
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => say(standing, standing.taskId, "Now the docs", by)),
    );
    expect(statusesOf(answers)).toEqual([202, 202, 202, 202]);
    expect((await say(standing, standing.taskId, "Now the docs", by)).status).toBe(202);
    expect((await say(standing, standing.taskId, "Something else", by)).status).toBe(409);
    const steps = await standing.scene.client.transitions(by);
    expect(steps.filter((step) => step === "node_selection")).toHaveLength(1);
    const said = (await standing.scene.client.messages(by)).filter(({ author }) => author === "user");
    expect(said.length).toBeLessThanOrEqual(1);
  });

  it("through a crash at any moment: sent again it is there once, and the text is not lost", async () => {
    const standing = await over();
    const { scene: own, taskId, agent } = standing;
    const by = newTaskId();
    for (let crash = 0; crash < 4; crash += 1) {
      const posted = say(standing, taskId, "Now the docs", by).catch(() => null);
      for (let turns = 0; turns < crash * 3; turns += 1) await Promise.resolve();
      await abortAllDurableObjects();
      await posted;
      await agent.connect();
    }
    await own.pass(30_000, taskId);
    expect((await continued(standing, "Now the docs", by)).taskId).toBe(by);
    await own.inStep(by, "completed");
    expect(await own.client.task(taskId)).toMatchObject({ continuedBy: by, step: "completed" });
    const said = (await own.client.messages(by)).filter(({ author }) => author === "user");
    expect(said.map(({ body }) => (body.kind === "prompt" ? body.text : ""))).toEqual(["Now the docs"]);
    await own.expectOneRowChangeForEachTransition(by);
  });

  it("an id that stands for another request is refused, the text is shown, and another id may follow", async () => {
    const standing = await over();
    const { scene: own, taskId } = standing;
    const taken = await own.submit({ prompt: "Something else" });
    const refused = await say(standing, taskId, "Now the docs", taken);
    expect(refused.status).toBe(409);
    expect(await problemOf(refused)).toMatchObject({ code: "conflict", errors: [{ field: "taskId" }] });
    expect((await own.client.task(taken)).continues).toBeNull();
    expect(JSON.stringify((await own.client.messages(taskId)).at(-1))).toContain("Now the docs");
    expect((await continued(standing)).continues).toBe(taskId);
  });

  it("another owner's task is not there to be continued, nor to be what continues", async () => {
    const standing = await over();
    const other = await standing.scene.beside();
    const foreign = await other.client.post(`/api/tasks/${standing.taskId}/messages`, { prompt: "Mine now" });
    expect(foreign.status).toBe(404);
    const theirs = await other.submit();
    expect((await say(standing, standing.taskId, "Now the docs", theirs)).status).toBe(409);
    expect((await other.client.task(theirs)).continues).toBeNull();
  });
});

describe("a task that continues another", () => {
  it("waits until the other has let its place go, and then has the same node, branch, place and home", async () => {
    const standing = await ended((events) => events.filter(({ type }) => type !== "torn_down"));
    const { scene: own, taskId, agent } = standing;
    const { branch } = await own.client.task(taskId);
    const next = await continued(standing);
    const waiting = await own.inStep(next.taskId, "waiting_for_node_capacity");
    expect(waiting.nodeId).toBeNull();
    expect(JSON.stringify(await own.client.messages(next.taskId))).toContain("still letting go of the workspace");
    await agent.say(taskId, { type: "torn_down", savedRef: null });
    const create = await agent.command(next.taskId, "create_workspace");
    expect(create).toEqual({
      ...(await agent.command(taskId, "create_workspace")),
      repository: { url: "/srv/project.git", branch },
    });
    expect(await agent.command(next.taskId, "start_agent")).toMatchObject({
      homeOf: taskId,
      loadSessionId: "session-1",
    });
    expect(await own.client.task(next.taskId)).toMatchObject({ branch, continues: taskId, title: "Now the docs" });
    const row = env.DB.prepare("SELECT task_id, state FROM workspaces WHERE workspace_id = ?").bind(create.workspaceId);
    await eventually(
      "its workspace's row",
      () => row.first(),
      (found) => found?.["task_id"] === next.taskId && found["state"] === "standing",
    );
  });

  it("goes on nowhere but where the other one's work stands, which could not be saved, and waits for room there", async () => {
    const refused: NodeTaskEvent = {
      type: "command_failed",
      command: "tear_down",
      reason: "disk_full",
      evidence: "the work could not be saved",
      retryable: false,
      verdicts: null,
    };
    const standing = await ended((events) => (events.some(({ type }) => type === "torn_down") ? [refused] : events));
    const { scene: own, taskId, agent } = standing;
    agent.send({ type: "held_work", works: [], unsaved: [taskId] });
    await own.settled(taskId);
    agent.habits.onCommand = () => undefined;
    const others = [await own.submit(), await own.submit()];
    for (const other of others) expect(await own.nodeOf(other)).toBe(agent.nodeId);
    const next = await continued(standing);
    await own.inStep(next.taskId, "waiting_for_node_capacity");
    const said = JSON.stringify(await own.client.messages(next.taskId));
    expect(said).toContain(`${agent.nodeId}, which alone has the work, takes no task now`);
    await own.client.cancel(others[0] ?? taskId);
    await agent.command(others[0] ?? taskId, "tear_down");
    await agent.say(others[0] ?? taskId, ...tornDown);
    expect((await agent.command(next.taskId, "create_workspace")).waitsFor).toBe(taskId);
    expect(await own.nodeOf(next.taskId)).toBe(agent.nodeId);
    const broughtBack = { taskId, commit: "c".repeat(40) };
    await agent.say(next.taskId, accepted, { ...checkedOut, broughtBack });
    expect((await own.client.task(next.taskId)).broughtBack).toEqual(broughtBack);
  });

  it("is told to a loaded session as what it is, and both conversations say so", async () => {
    const standing = await over();
    const { scene: own, taskId, agent } = standing;
    const reader = await StreamReader.open(own.client, taskId);
    const next = await continued(standing);
    expect((await agent.command(next.taskId, "prompt")).text).toBe("Now the docs");
    await reader.until("the task that continues it", ({ tasks }) => tasks.at(-1)?.continuedBy === next.taskId);
    expect(JSON.stringify(await own.client.messages(next.taskId))).toContain(`Continues ${taskId}`);
    await own.inStep(next.taskId, "completed");
  });

  it("is told to a new session with a summary of what came before, and says why", async () => {
    const standing = await over();
    const { scene: own, taskId, agent } = standing;
    agent.habits.onCommand = working(({ body }) =>
      body.type === "start_agent" ? [agentReady(body.incarnation, false)] : answerTo(body),
    );
    const next = await continued(standing);
    const { text } = await agent.command(next.taskId, "prompt");
    expect(text).toMatch(/^You go on with work[^]*- \| Fix the clock[^]*I am done\.[^]*Now the docs$/);
    const said = await own.client.messages(next.taskId);
    expect(JSON.stringify(said)).toContain(`could not load the session of ${taskId}`);
    expect(said.filter(({ author }) => author === "user").map(({ body }) => body)).toMatchObject([
      { kind: "prompt", text: "Now the docs" },
    ]);
  });

  it("begins where the other did, where nothing of it was pushed, and says so", async () => {
    const standing = await over((events) =>
      events.map((event) => (event.type === "delivered" ? delivered({ pushed: { ...pushed, holds: false } }) : event)),
    );
    const { scene: own, agent } = standing;
    const next = await continued(standing);
    expect(next.repository.branch).toBeNull();
    expect((await agent.command(next.taskId, "create_workspace")).repository.branch).toBeNull();
    expect(JSON.stringify(await own.client.messages(next.taskId))).toContain("Nothing of it was pushed");
  });

  it("is continued itself; only the newest of a chain is, and all of them work in the place of the first", async () => {
    const first = await over();
    const { scene: own, agent } = first;
    const second = await continued(first);
    await own.inStep(second.taskId, "completed");
    await own.settled(second.taskId, agent.nodeId);
    const third = await continued({ ...first, taskId: second.taskId }, "And the changelog");
    expect((await say(first, first.taskId, "The first again")).status).toBe(409);
    await own.inStep(third.taskId, "completed");
    const places = [first.taskId, second.taskId, third.taskId].map(
      (taskId) => agent.commandsOf(taskId, "create_workspace")[0]?.workspaceId,
    );
    expect(new Set(places).size).toBe(1);
    expect(agent.commandsOf(third.taskId, "start_agent")).toMatchObject([{ homeOf: first.taskId }]);
    expect(third).toMatchObject({ continues: second.taskId, branch: second.branch });
    await own.expectOneRowChangeForEachTransition(third.taskId);
  });

  it("may continue one that was cancelled before anything was done", async () => {
    const own = await Scene.open({ status: "initializing" });
    const taskId = await own.submit({ prompt: "Fix the clock" });
    await own.client.cancel(taskId);
    await own.inStep(taskId, "cancelled");
    const response = await own.client.post(`/api/tasks/${taskId}/messages`, { prompt: "After all: fix it" });
    expect(response.status).toBe(202);
    const { task } = oneTaskSchema.parse(await response.json());
    expect(task).toMatchObject({ continues: taskId, prompt: "After all: fix it" });
  });
});
