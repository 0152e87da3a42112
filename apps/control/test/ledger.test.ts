/**
 * The ledger: what the provider lists, held against our nodes by our installation's tag. What is ours and no node's is
 * destroyed, after a grace; what is not ours is never touched; and no listing that lags, lies or fails costs a node.
 */
import { makeId, type NodeId } from "@sam/domain/ids";
import { ledgerSchema, type LedgerEntryView, type LedgerView } from "@sam/protocol/ledger-api";
import { sweepListSchema } from "@sam/protocol/sweep-api";
import { env } from "cloudflare:workers";
import { ulid } from "ulid";
import { afterEach, describe, expect, it } from "vitest";

import { sweepLedger } from "../src/ledger/sweep-ledger.ts";
import { sweepWorldOf } from "../src/sweep/sweep-world.ts";
import { runSweep } from "../src/sweep/sweep.ts";
import type { DoubleBehaviour, DoubleDisk } from "./support/machine-host-double.ts";
import { hourMs, minuteMs, Scene, secondMs, tamper } from "./support/scene.ts";
import { taskIn } from "./support/steps.ts";
import { double, type Client } from "./support/world.ts";

const installation = "01JTESTSTALLAT10NXXXXXXXXX";
const graceMs = 15 * minuteMs;
const pollMs = 5 * minuteMs;

afterEach(() => {
  Object.assign(env, { INSTALLATION_ID: installation });
});

type Stranger = DoubleBehaviour["strangers"][number];

function server(id: string, labels: Record<string, string>): Stranger {
  return { id, name: id, machineType: "local", location: "this-machine", labels, userData: "{}" };
}

function oursFor(nodeId: string): Record<string, string> {
  return { "sam-installation": installation, "sam-node": nodeId };
}

function nobody(): NodeId {
  return makeId("node", ulid());
}

function disk(id: string, changes: Partial<DoubleDisk> = {}): DoubleDisk {
  return { id, labels: oursFor(nobody()), serverId: null, createdAt: null, holdsUnsavedWork: false, ...changes };
}

async function ledgerOf(client: Client): Promise<LedgerView> {
  return ledgerSchema.parse(await (await client.fetch("/api/ledger")).json());
}

async function entryOf(client: Client, id: string): Promise<LedgerEntryView | undefined> {
  return (await ledgerOf(client)).entries.find((entry) => entry.id === id);
}

async function findingsOf(client: Client, subjectId: string): Promise<string[]> {
  const { findings } = sweepListSchema.parse(await (await client.fetch("/api/sweeps?limit=200")).json());
  return findings.filter((finding) => finding.subjectId === subjectId).map(({ kind }) => kind);
}

function partOf(report: Awaited<ReturnType<Scene["sweep"]>>) {
  const part = report.parts.find(({ part: name }) => name === "ledger");
  if (part === undefined) throw new Error("no ledger");
  return part;
}

/** One listing after the other, until so much time has passed. */
async function sweepFor(scene: Scene, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += pollMs) {
    await scene.sweep();
    await scene.pass(Math.min(pollMs, ms - passed));
  }
  await scene.sweep();
}

/** A node that was there and is destroyed. */
async function destroyedNode(): Promise<{ scene: Scene; nodeId: NodeId }> {
  const { scene, taskId, nodeId } = await taskIn("node_agent_ready");
  if (nodeId === null) throw new Error("no node");
  await scene.client.cancel(taskId);
  await scene.settled(taskId);
  await scene.pass(5 * secondMs, nodeId);
  await scene.nodeIn(nodeId, "destroyed");
  await scene.settled(nodeId);
  return { scene, nodeId };
}

describe("what is ours and no node's", () => {
  it("is destroyed a grace after the first listing that shows it, however old it is, and every step is told", async () => {
    const scene = await Scene.open({ strangers: [server("srv-lost", oursFor(nobody()))] });
    const firstSeenAt = scene.clock.now;
    expect(partOf(await scene.sweep())).toMatchObject({ looked: 1, found: 1, acted: 0, failed: null });
    expect(await entryOf(scene.client, "srv-lost")).toMatchObject({
      kind: "server",
      verdict: "unowned",
      unownedSince: firstSeenAt,
      destroyAt: firstSeenAt + graceMs,
      mayDestroy: true,
    });
    await sweepFor(scene, graceMs - 1);
    expect((await double.state()).destroyed).toEqual([]);
    await scene.pass(pollMs);
    expect(partOf(await scene.sweep())).toMatchObject({ acted: 1, failed: null });
    expect((await double.state()).destroyed).toEqual(["srv-lost"]);
    // A listing may lag: it is forgotten when a second one does not have it either.
    await scene.pass(pollMs);
    await scene.sweep();
    expect(await entryOf(scene.client, "srv-lost")).toMatchObject({ missingSince: scene.clock.now, tries: 1 });
    await scene.pass(pollMs);
    await scene.sweep();
    expect(await entryOf(scene.client, "srv-lost")).toBeUndefined();
    expect(await findingsOf(scene.client, "srv-lost")).toEqual(["gone", "destroy_asked", "unowned"]);
  });

  it("is a server of a destroyed node that the provider lists late", async () => {
    const { scene, nodeId } = await destroyedNode();
    await double.change({ strangers: [server("srv-late", oursFor(nodeId))] });
    await scene.sweep();
    expect(await entryOf(scene.client, "srv-late")).toMatchObject({
      verdict: "unowned",
      why: `${nodeId} is destroyed`,
    });
    await sweepFor(scene, graceMs);
    expect((await double.state()).destroyed.at(-1)).toBe("srv-late");
  });

  it("is the second server of a node; the node keeps its own and works on", async () => {
    const { scene, nodeId, agent } = await taskIn("running");
    if (nodeId === null) throw new Error("no node");
    await double.change({ strangers: [server("srv-again", oursFor(nodeId))] });
    for (let passed = 0; passed <= graceMs; passed += pollMs) {
      await scene.sweep();
      await scene.pass(pollMs);
      await agent?.heartbeat();
    }
    expect((await double.state()).destroyed).toEqual(["srv-again"]);
    expect(await scene.node(nodeId)).toMatchObject({ state: "ready", serverId: "srv-1" });
    expect((await entryOf(scene.client, "srv-1"))?.verdict).toBe("owned");
  });

  it("is never what a node is just being created for, however often it is listed", async () => {
    // Created, and its reply lost: the node does not know its server yet.
    const scene = await Scene.open({ status: "initializing", loseCreateReplies: 1 });
    const taskId = await scene.submit();
    const nodeId = await scene.nodeOf(taskId);
    expect(await scene.nodeIn(nodeId, "requested")).toMatchObject({ serverId: null });
    // Its own deadline would end it: here nothing else looks at it.
    for (let passed = 0; passed <= 2 * graceMs; passed += pollMs) {
      await runSweep(sweepWorldOf(env), scene.clock.now, { ledger: sweepLedger });
      await scene.pass(pollMs);
    }
    expect((await entryOf(scene.client, "srv-1"))?.verdict).toBe("owned");
    expect((await double.state()).destroyed).toEqual([]);
  });

  it("is not what a node owns again: the grace then begins anew", async () => {
    const { scene, nodeId } = await taskIn("node_agent_ready");
    if (nodeId === null) throw new Error("no node");
    const [[facts] = []] = await tamper(nodeId, "SELECT facts FROM facts");
    await tamper(nodeId, "UPDATE facts SET facts = '{'");
    await scene.sweep();
    expect(await entryOf(scene.client, "srv-1")).toMatchObject({ verdict: "undecided", unownedSince: null });
    await scene.pass(2 * graceMs);
    await scene.sweep();
    expect((await double.state()).destroyed).toEqual([]);
    await tamper(nodeId, "UPDATE facts SET facts = ?", facts);
    await scene.pass(pollMs);
    await scene.sweep();
    expect(await entryOf(scene.client, "srv-1")).toMatchObject({ verdict: "owned", unownedSince: null });
  });

  it("that cannot be destroyed holds up no other, and is tried again", async () => {
    const stuck = Array.from({ length: 55 }, (_, index) => `srv-stuck-${index}`);
    const free = Array.from({ length: 10 }, (_, index) => `srv-free-${index}`);
    const strangers = [...stuck, ...free].map((id) => server(id, oursFor(nobody())));
    const scene = await Scene.open({ strangers, refuseDestroy: stuck });
    await scene.sweep();
    await scene.pass(graceMs);
    expect(partOf(await scene.sweep())).toMatchObject({ failed: "50 failed", isWhole: false });
    await scene.pass(pollMs);
    await scene.sweep();
    expect((await double.state()).servers.map(({ id }) => id)).toEqual(stuck);
    expect((await entryOf(scene.client, "srv-stuck-0"))?.lastError).toContain("unavailable");
    await double.change({ refuseDestroy: [] });
    await scene.pass(pollMs);
    await scene.sweep();
    await scene.pass(pollMs);
    await scene.sweep();
    expect((await double.state()).servers).toEqual([]);
  });
});

describe("what is not ours", () => {
  it.each([
    ["another installation's tag", { "sam-installation": "01JTESTANOTHER", "sam-node": "node_x" }, "foreign"],
    ["our node's label and another installation's tag", oursFor("node_x"), "foreign"],
    ["no tag", { team: "web" }, "untagged"],
    ["a name like ours and no tag", {}, "untagged"],
  ] as const)("%s: it is shown and never touched", async (_what, labels, verdict) => {
    const own = verdict === "foreign" ? { ...labels, "sam-installation": "01JTESTANOTHER" } : labels;
    const name = `node-${nobody().slice(5).toLowerCase()}`;
    const strangers = [{ ...server("srv-other", own), name }];
    const disks = [disk("disk-other", { labels: own })];
    const scene = await Scene.open({ strangers, disks });
    for (let hours = 0; hours < 24; hours += 6) {
      await scene.sweep();
      await scene.pass(6 * hourMs);
    }
    for (const id of ["srv-other", "disk-other"]) {
      expect(await entryOf(scene.client, id)).toMatchObject({ verdict, destroyAt: null, mayDestroy: false });
    }
    const refused = await scene.client.post("/api/ledger/server/srv-other/destroy");
    expect(refused.status).toBe(409);
    expect((await double.state()).destroyed).toEqual([]);
    expect(await findingsOf(scene.client, "srv-other")).toEqual([verdict]);
  });

  it("is everything, where this installation has no tag", async () => {
    const scene = await Scene.open({ strangers: [server("srv-lost", oursFor(nobody()))] });
    await scene.sweep();
    Object.assign(env, { INSTALLATION_ID: undefined });
    await scene.pass(2 * graceMs);
    expect(partOf(await scene.sweep()).failed).toContain("INSTALLATION_ID");
    expect((await double.state()).destroyed).toEqual([]);
  });
});

describe("a listing that lags, lies or fails", () => {
  it("fails: nothing follows from it, it is told since when, and the next one goes on", async () => {
    const scene = await Scene.open({ strangers: [server("srv-lost", oursFor(nobody()))] });
    await scene.sweep();
    await double.change({ listing: "fails" });
    await scene.pass(2 * graceMs);
    const since = scene.clock.now;
    expect(partOf(await scene.sweep())).toMatchObject({ looked: 0, failed: "1 failed" });
    await scene.pass(minuteMs);
    await scene.sweep();
    expect(await ledgerOf(scene.client)).toMatchObject({
      failing: { since, detail: expect.stringContaining("unavailable") },
      entries: [{ id: "srv-lost", missingSince: null }],
    });
    expect((await double.state()).destroyed).toEqual([]);
    await double.change({ listing: "true" });
    await scene.pass(minuteMs);
    await scene.sweep();
    expect((await ledgerOf(scene.client)).failing).toBeNull();
    expect((await double.state()).destroyed).toEqual(["srv-lost"]);
  });

  it("is empty by error: no node is given up, whether it is heard of or not", async () => {
    const { scene, nodeId, agent } = await taskIn("running");
    if (nodeId === null) throw new Error("no node");
    await double.change({ listing: "empty" });
    await scene.sweep();
    await scene.pass(pollMs);
    await agent?.heartbeat();
    await scene.sweep();
    await scene.settled(nodeId);
    expect((await ledgerOf(scene.client)).unlisted).toEqual([{ nodeId, since: scene.clock.now - pollMs }]);
    expect(await scene.node(nodeId)).toMatchObject({ state: "ready" });
    await scene.pass(pollMs);
    await scene.sweep();
    await scene.settled(nodeId);
    // Not heard of for a while it asks for its server by itself, and is told that it runs.
    expect((await double.state()).polls).toBeGreaterThan(0);
    expect(await scene.node(nodeId)).toMatchObject({ state: "ready", serverId: "srv-1" });
  });

  it("lacks a server that is really gone: after the second one the node fails, and its task is told", async () => {
    const { scene, taskId, nodeId, agent } = await taskIn("running");
    if (nodeId === null) throw new Error("no node");
    agent?.hangUp();
    await env.MACHINE_HOST.fetch("http://machine-host/v1/servers/srv-1", { method: "DELETE" });
    await scene.pass(minuteMs);
    await scene.sweep();
    await scene.settled(nodeId);
    expect(await scene.node(nodeId)).toMatchObject({ state: "ready" });
    await scene.pass(pollMs);
    expect(partOf(await scene.sweep()).findings).toMatchObject([{ kind: "unlisted", subjectId: nodeId }]);
    const { failure } = await scene.inStep(taskId, "failed");
    expect(failure).toMatchObject({ reason: "node_lost" });
    await scene.nodeIn(nodeId, "destroyed");
  });

  it("is asked for as often as the setting says, and no oftener", async () => {
    const scene = await Scene.open();
    for (let minutes = 0; minutes < 11; minutes += 1) {
      await scene.sweep();
      await scene.pass(minuteMs);
    }
    expect((await double.state()).listings).toBe(3);
  });
});

describe("disks that stayed behind", () => {
  it("with nothing unsaved on it, is destroyed after the grace", async () => {
    const scene = await Scene.open({ disks: [disk("disk-left")] });
    await scene.sweep();
    expect(await entryOf(scene.client, "disk-left")).toMatchObject({ kind: "disk", verdict: "unowned" });
    await sweepFor(scene, graceMs);
    expect(await double.state()).toMatchObject({ destroyed: ["disk-left"], disks: [] });
  });

  it("with unsaved work on it, is kept until its owner says so, and nobody else may", async () => {
    const { scene, nodeId } = await destroyedNode();
    const other = await scene.beside();
    await double.change({ disks: [disk("disk-work", { labels: oursFor(nodeId), holdsUnsavedWork: true })] });
    await sweepFor(scene, 4 * graceMs);
    expect(await entryOf(scene.client, "disk-work")).toMatchObject({
      verdict: "kept",
      destroyAt: null,
      mayDestroy: true,
    });
    expect((await double.state()).disks).toHaveLength(1);

    expect(await entryOf(other.client, "disk-work")).toBeUndefined();
    expect((await other.client.post("/api/ledger/disk/disk-work/destroy")).status).toBe(404);
    expect((await scene.client.post("/api/ledger/disk/disk-work/destroy")).status).toBe(202);
    expect((await double.state()).disks).toEqual([]);
  });

  it("with unsaved work on it, keeps the server that nobody owns, too", async () => {
    const strangers = [server("srv-lost", oursFor(nobody()))];
    const scene = await Scene.open({
      strangers,
      disks: [disk("disk", { serverId: "srv-lost", holdsUnsavedWork: true })],
    });
    await sweepFor(scene, 2 * graceMs);
    expect(await entryOf(scene.client, "srv-lost")).toMatchObject({ verdict: "kept", destroyAt: null });
    expect(await entryOf(scene.client, "disk")).toMatchObject({ verdict: "kept", mayDestroy: false });
    expect((await double.state()).destroyed).toEqual([]);
    expect((await scene.client.post("/api/ledger/server/srv-lost/destroy")).status).toBe(202);
    expect((await double.state()).destroyed).toEqual(["srv-lost"]);
  });
});

describe("who sees what", () => {
  it("an owner sees what is theirs and what is nobody's, and how much belongs to others", async () => {
    const { scene, nodeId } = await taskIn("node_agent_ready");
    const other = await scene.beside();
    await double.change({ strangers: [server("srv-lost", oursFor(nobody()))] });
    await scene.sweep();
    const own = await ledgerOf(scene.client);
    expect(own.entries.map(({ id, nodeId: of }) => [id, of === nodeId])).toEqual([
      ["srv-lost", false],
      ["srv-1", true],
    ]);
    const theirs = await ledgerOf(other.client);
    expect(theirs).toMatchObject({ ofOthers: 1, entries: [{ id: "srv-lost" }] });
  });
});
