/** Words that are not of the protocol, and words of somebody who may not speak: refused, and nothing else changes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { makeId } from "@sam/domain/ids";
import type { TaskView } from "@sam/protocol/task-api";
import { type UserData, userDataSchema } from "@sam/protocol/user-data";
import { maxFrameBytes, protocolVersion } from "@sam/protocol/version";
import { beforeAll, describe, expect, it } from "vitest";

import { type Conversation, readMessages } from "../support/conversation.ts";
import { untilEnded } from "../support/ends.ts";
import { expectRowChangesEqualTransitions, expectWholeConversation } from "../support/proofs.ts";
import type { Repository } from "../support/repository.ts";
import { shareSystem } from "../support/shared-system.ts";
import { dialStatus, RawSocket } from "./raw-dial.ts";

const system = shareSystem({ settings: { tasksPerNode: 1, maxNodes: 2 } });
const gate = "held";

interface Held {
  readonly name: string;
  readonly task: TaskView;
  readonly repository: Repository;
  readonly live: Conversation;
  readonly node: UserData;
}

/** Two tasks in mid-turn, each on a node of its own. */
const held: Held[] = [];

beforeAll(async () => {
  const { stage } = system();
  stage.shut(gate);
  const started = ["one", "two"].map(async (name) => {
    const repository = await system().repository(name);
    const prompt = `Wait.\n\n\`\`\`sh\n${stage.wait(gate)}\necho ${name} > mine.txt\n\`\`\`\n`;
    const { taskId } = await system().submit({ prompt, repository: { url: repository.path } });
    const live = system().follow(taskId);
    const task = await system().untilStep(taskId, "running");
    return { name, task, repository, live, node: userDataOf(task) };
  });
  held.push(...(await Promise.all(started)));
});

/** @returns the token of the node that the task runs on, from that node's own disk. */
function userDataOf({ nodeId }: TaskView): UserData {
  const servers = join(system().dataDirectory, "machine-host/servers");
  const all = readdirSync(servers).map((name) => join(servers, name, "disk/user-data.json"));
  const found = all.map((file) => userDataSchema.parse(JSON.parse(readFileSync(file, "utf8"))));
  const own = found.find((userData) => userData.nodeId === nodeId);
  if (own === undefined) throw new Error(`${nodeId} has no user data`);
  return own;
}

function channelOf(node: Pick<UserData, "nodeId">): string {
  return `${system().api.locate().url}/api/node-channel/${node.nodeId}`;
}

function pair(): readonly [Held, Held] {
  const [one, two] = held;
  if (one === undefined || two === undefined) throw new Error("two tasks should be held");
  return [one, two];
}

/** Both nodes are heard from and work on their own task, as before. */
async function expectUndisturbed(): Promise<void> {
  const { nodes } = await system().api.nodes();
  expect(nodes.map(({ state, connected }) => ({ state, connected }))).toEqual(
    held.map(() => ({ state: "ready", connected: true })),
  );
  for (const { task } of held) {
    const { step, nodeId, version } = await system().api.task(task.taskId);
    expect({ step, nodeId, version }).toEqual({ step: "running", nodeId: task.nodeId, version: task.version });
  }
}

const strange: readonly (readonly [string, string | Uint8Array<ArrayBuffer>, string])[] = [
  ["bytes", new Uint8Array([0, 1, 2]), "texts"],
  ["no JSON", "}{", "not JSON"],
  ["nothing", "", "not JSON"],
  ["another JSON", "[]", "expected object"],
  ["an unknown type", '{"type":"root"}', "type"],
  ["a hello without its fields", '{"type":"hello"}', "bootId"],
  ["no events", '{"type":"events","events":[]}', "events"],
  ["more than a frame may hold", `"${"x".repeat(maxFrameBytes)}"`, String(maxFrameBytes)],
];

describe("the node channel", () => {
  it("is for this node's token alone", async () => {
    const [one, two] = pair();
    const session = system().api.locate().token;
    const statuses = await Promise.all([
      dialStatus(channelOf(one.node), two.node.token),
      dialStatus(channelOf(two.node), one.node.token),
      dialStatus(channelOf(one.node), session),
      dialStatus(channelOf(one.node), null),
      dialStatus(channelOf(one.node), `${one.node.token}x`),
      dialStatus(channelOf({ nodeId: makeId("node", "01J8ABCDEFGHJKMNPQRSTVWXYZ") }), one.node.token),
      dialStatus(channelOf(one.node).replace("node_", "task_"), one.node.token),
    ]);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 401]);
    await expectUndisturbed();
  });

  it("lets a node's token in nowhere else", async () => {
    const [{ node, task }] = pair();
    const { url } = system().api.locate();
    const headers = { authorization: `Bearer ${node.token}` };
    for (const path of ["/api/tasks", `/api/tasks/${task.taskId}`, "/api/nodes", "/api/system"]) {
      expect((await fetch(`${url}${path}`, { headers, signal: AbortSignal.timeout(10_000) })).status).toBe(401);
    }
    expect(await dialStatus(`${url}/api/tasks/${task.taskId}/stream`, node.token)).toBe(401);
  });

  it("refuses by name what is not of the protocol, and goes on", async (test) => {
    const [{ node, task }] = pair();
    const socket = await RawSocket.open(test, channelOf(node), node.token);
    for (const [, frame, named] of strange) {
      expect(await socket.ask(frame)).toMatchObject({ type: "refused", detail: expect.stringContaining(named) });
    }
    const event = { taskId: task.taskId, seq: 1, observedAt: 0, event: { type: "torn_down", savedRef: null } };
    const early = await socket.ask(JSON.stringify({ type: "events", events: [event] }));
    expect(early).toEqual({ type: "refused", detail: "say hello first" });
    expect(socket.closeCode).toBeNull();
    await expectUndisturbed();
  });

  it("ends a VM agent of another protocol before it counts", async (test) => {
    const [{ node }] = pair();
    const socket = await RawSocket.open(test, channelOf(node), node.token);
    const isolation = { processes: "plain", limits: "none", reasons: [] };
    const rest = { bootId: "boot-of-a-test", vmAgentVersion: "9", isolation, agents: [] };
    socket.send(JSON.stringify({ type: "hello", protocol: protocolVersion + 1, ...rest }));
    await system().until("it is closed", () => socket.closeCode === 4002);
    expect(socket.frames).toEqual([]);
    await expectUndisturbed();
  });
});

describe("the stream of a task", () => {
  it("takes no orders: what a client says is passed over, and it hears on", async (test) => {
    const [{ task }] = pair();
    const { url, token } = system().api.locate();
    const socket = await RawSocket.open(test, `${url}/api/tasks/${task.taskId}/stream?after=0`, token);
    for (const [, frame] of strange) socket.send(frame);
    socket.send(JSON.stringify({ type: "cancel" }));
    socket.send("ping");
    await system().until("pong", () => socket.frames.includes("pong"));
    expect(socket.closeCode).toBeNull();
    await expectUndisturbed();
  });

  it.each(["-1", "x", "1.5", "1e400"])("refuses to begin after %s", async (after) => {
    const [{ task }] = pair();
    const { url, token } = system().api.locate();
    expect(await dialStatus(`${url}/api/tasks/${task.taskId}/stream?after=${after}`, token)).toBe(422);
  });

  it("is for a session alone", async () => {
    const [{ task }] = pair();
    const { url } = system().api.locate();
    for (const token of [null, "x".repeat(43)]) {
      expect(await dialStatus(`${url}/api/tasks/${task.taskId}/stream`, token)).toBe(401);
    }
  });
});

describe("a stolen node token, used to say hello", () => {
  it("gets no word about another node's task, and the real VM agent comes back", async (test) => {
    const [one, two] = pair();
    const before = await readMessages(system().api, two.task.taskId);
    const socket = await RawSocket.open(test, channelOf(one.node), one.node.token);
    const isolation = { processes: "plain", limits: "none", reasons: [] };
    const rest = { bootId: "boot-of-a-thief", vmAgentVersion: "0", isolation, agents: [] };
    const welcome = await socket.ask(JSON.stringify({ type: "hello", protocol: protocolVersion, ...rest }));
    expect(welcome).toMatchObject({ type: "welcome" });
    const event = { type: "agent_update", turn: 1, update: { sessionUpdate: "agent_message_chunk" } };
    const record = { taskId: two.task.taskId, seq: 1, observedAt: 0, event };
    socket.send(JSON.stringify({ type: "events", events: [record] }));
    await system().until("it is told to drop that task", () =>
      socket.frames.includes(JSON.stringify({ type: "void_task", taskId: two.task.taskId })),
    );
    expect(await readMessages(system().api, two.task.taskId)).toEqual(before);
    socket.close();
    await system().until("the real one is back", async () => {
      const node = (await system().api.nodes()).nodes.find(({ nodeId }) => nodeId === one.node.nodeId);
      return node?.connected === true && node.isolation?.processes !== "plain";
    });
  });
});

it("both tasks then end as if nothing had been said", async () => {
  system().stage.open(gate);
  for (const { name, task, repository, live } of held) {
    const { taskId } = task;
    const ended = await untilEnded(system(), taskId, { step: "completed", failure: null });
    expect(await repository.read(ended.branch, "mine.txt")).toBe(name);
    await expectWholeConversation(system(), live, taskId);
    await expectRowChangesEqualTransitions(system(), taskId);
  }
});
