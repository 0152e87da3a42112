/**
 * Nobody answers: by the alarm alone, through evictions, the machine is let go with the work saved, and the task goes on
 * waiting at no cost; an answer brings it back on a machine, and is told once.
 */
import type { SavedWorkReport } from "@sam/domain/saved-work";
import { inboxSchema } from "@sam/protocol/inbox-api";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";

import { minuteMs, type Scene } from "./support/scene.ts";
import { connectedIn, type Connected } from "./support/steps.ts";
import { VmAgentDouble } from "./support/vm-agent-double.ts";
import {
  accepted,
  agentReady,
  checkedOut,
  delivered,
  receipt,
  tornDown,
  turnEnded,
} from "./support/vm-agent-script.ts";
import { eventually } from "./support/world.ts";

const saved = { type: "torn_down", savedRef: "refs/sam/wip/it" } as const;
const inMirror: SavedWorkReport = {
  commit: "c".repeat(40),
  baseCommit: "b".repeat(40),
  files: 1,
  insertions: 1,
  deletions: 0,
  uncommittedFiles: 1,
  unpushedCommits: 0,
  leftOut: [],
  place: "mirror",
  whyNotPushed: "the remote refused it",
};

async function inboxOf(scene: Scene) {
  return inboxSchema.parse(await (await scene.client.fetch("/api/inbox")).json());
}

const answer = ({ scene, taskId }: Pick<Connected, "scene" | "taskId">, optionId = "yes") =>
  scene.client.post(`/api/tasks/${taskId}/answers`, { requestId: "permission-1", optionId });

/** Half an hour passes, with contact of the VM agent, and no answer. */
async function nobodyAnswers({ scene, taskId, nodeId, agent }: Connected): Promise<void> {
  for (let minutes = 0; minutes < 30; minutes += 5) {
    await agent.heartbeat();
    await scene.pass(5 * minuteMs + 1_000, taskId, nodeId);
  }
  await agent.command(taskId, "tear_down");
}

/** The machine of a task that awaits its owner was released. */
async function releasedTask(savedWork: SavedWorkReport | null = null): Promise<Connected> {
  const connected = await connectedIn("awaiting_input");
  const { scene, taskId, nodeId, agent } = connected;
  await nobodyAnswers(connected);
  await agent.say(taskId, ...receipt, savedWork === null ? saved : { ...saved, savedWork });
  await eventually(
    "the release",
    () => scene.client.task(taskId),
    ({ release }) => release?.releasedAt !== null,
  );
  await scene.settled(taskId, nodeId);
  return connected;
}

describe("a task that nobody answers for half an hour", () => {
  it("lets its machine go, says since when and where its work is, costs nothing, and goes on waiting", async () => {
    const { scene, taskId, nodeId } = await releasedTask();
    const task = await scene.client.task(taskId);
    expect(task).toMatchObject({
      step: "awaiting_input",
      nodeId: null,
      permission: { requestId: "permission-1" },
      release: {
        dueAt: null,
        savingSince: null,
        savedRef: "refs/sam/wip/it",
        savedOn: null,
        kept: null,
        comesBack: false,
      },
    });
    expect((await scene.node(nodeId)).claims).toEqual([]);
    const { items } = await inboxOf(scene);
    expect(items).toMatchObject([{ task: { taskId }, cost: { kind: "no_machine" }, waitsFor: "permission" }]);
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it("costs what the node costs that alone has its work, and is kept for it, which is said", async () => {
    const { scene, nodeId } = await releasedTask(inMirror);
    const [item] = (await inboxOf(scene)).items;
    expect(item?.wait?.release).toMatchObject({ releasedAt: expect.any(Number), savedOn: nodeId });
    expect(item?.cost).toMatchObject({ kind: "priced", nodeId, sharedBy: 1 });
  });

  it("comes back with the answer on the node that is there, whose events begin anew, and is told once", async () => {
    const released = await releasedTask();
    const { scene, taskId, agent } = released;
    const answers = await Promise.all([answer(released, "yes"), answer(released, "no")]);
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([202, 409]);
    expect(await agent.command(taskId, "create_workspace", 2)).toMatchObject({ comesBack: true });
    agent.beginsAnew(taskId);
    await agent.say(taskId, accepted, checkedOut);
    expect(await agent.command(taskId, "start_agent", 2)).toMatchObject({ loadSessionId: "session-1", incarnation: 2 });
    await agent.say(taskId, agentReady(2, true));
    const prompt = await agent.command(taskId, "prompt", 2);
    expect(prompt.text).toContain("Run rm -rf build");
    await scene.settled(taskId);
    expect(agent.commandsOf(taskId, "prompt")).toHaveLength(2);
    const { replies, release } = await scene.client.task(taskId);
    expect(replies).toMatchObject([{ requestId: "permission-1", missed: null }]);
    expect(release).toBeNull();
    await agent.say(taskId, turnEnded(prompt.turn));
    await agent.command(taskId, "deliver");
    await agent.say(taskId, delivered());
    await agent.say(taskId, ...tornDown);
    await scene.inStep(taskId, "completed");
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it("keeps its new claim on the same node though the release before comes late", async () => {
    const released = await releasedTask();
    const { scene, taskId, nodeId, agent } = released;
    expect((await answer(released)).status).toBe(202);
    await agent.command(taskId, "create_workspace", 2);
    const proof = await env.NODE_LIFECYCLE.getByName(nodeId).release(taskId, 1);
    expect(proof).toContain("1 of 2 slots in use");
    expect((await scene.node(nodeId)).claims).toEqual([taskId]);
    agent.beginsAnew(taskId);
    await agent.say(taskId, accepted, checkedOut);
    await agent.command(taskId, "start_agent", 2);
    expect((await scene.client.task(taskId)).step).toBe("agent_session");
  });

  it("comes back on another node where the first one is gone, and its agent is told a summary", async () => {
    const released = await releasedTask();
    const { scene, taskId, nodeId, agent } = released;
    await scene.client.post(`/api/nodes/${nodeId}/destroy`, {});
    await scene.pass(minuteMs, nodeId);
    agent.hangUp();
    expect((await answer(released)).status).toBe(202);
    const other = await scene.nodeOf(taskId);
    expect(other).not.toBe(nodeId);
    await scene.nodeIn(other, "booting");
    const next = await VmAgentDouble.boot(other);
    await next.command(taskId, "create_workspace");
    await next.say(taskId, accepted, checkedOut);
    await next.command(taskId, "start_agent");
    await next.say(taskId, agentReady(2, false));
    const { text } = await next.command(taskId, "prompt");
    expect(text).toContain("Say hello");
    expect(text).toContain("Run rm -rf build");
    const notes = (await scene.client.messages(taskId)).map(({ body }) => (body.kind === "note" ? body.text : ""));
    expect(notes.join("\n")).toContain("told a summary of what came before");
  });
});

describe("work that cannot be saved", () => {
  it("keeps the machine, which is said, and an answer goes on there", async () => {
    const connected = await connectedIn("awaiting_input");
    const { scene, taskId, nodeId, agent } = connected;
    await nobodyAnswers(connected);
    await agent.say(taskId, {
      type: "command_failed",
      command: "tear_down",
      reason: "disk_full",
      evidence: "the work could not be saved",
      retryable: false,
      verdicts: null,
    });
    const { release } = await scene.client.task(taskId);
    expect(release).toMatchObject({ kept: { why: "the work could not be saved" }, releasedAt: null });
    expect((await scene.node(nodeId)).claims).toEqual([taskId]);
    expect((await answer(connected)).status).toBe(202);
    await agent.command(taskId, "create_workspace", 2);
    await agent.say(taskId, checkedOut, agentReady(2, true));
    expect((await agent.command(taskId, "prompt", 2)).text).toContain("Run rm -rf build");
  });

  it("is not let go while it cannot be reached: it is said to be saving, and an answer waits for that", async () => {
    const connected = await connectedIn("awaiting_input");
    const { scene, taskId, agent } = connected;
    await nobodyAnswers(connected);
    expect((await answer(connected)).status).toBe(202);
    expect((await scene.client.task(taskId)).release).toMatchObject({
      savingSince: expect.any(Number),
      comesBack: true,
    });
    await agent.say(taskId, ...receipt, saved);
    expect(await agent.command(taskId, "create_workspace", 2)).toMatchObject({ comesBack: true });
  });
});
