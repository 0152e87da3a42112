/**
 * The sweep as a whole: each part by itself, bounded, reported row by row, going on where the last one was; and one that is
 * cut off, or runs twice at once, does no harm.
 */
import { makeId, type NodeId } from "@sam/domain/ids";
import { sweepListSchema } from "@sam/protocol/sweep-api";
import { env } from "cloudflare:workers";
import { ulid } from "ulid";
import { describe, expect, it } from "vitest";

import { rowsPerSweep } from "../src/sweep/row-walk.ts";
import { sweepNodes } from "../src/sweep/sweep-nodes.ts";
import { sweepWorldOf, type NodeOwner, type SweepWorld } from "../src/sweep/sweep-world.ts";
import { runSweep, sweepParts } from "../src/sweep/sweep.ts";
import { loseAlarm, minuteMs, Scene, tamper } from "./support/scene.ts";
import { taskIn } from "./support/steps.ts";
import { Client, stranger, tokenFor } from "./support/world.ts";

const dayMs = 24 * 60 * minuteMs;
const never = () => Promise.withResolvers<never>().promise;

/** Rows of nodes whose NodeLifecycles know nothing of them: each fails in every sweep. */
async function lostNodes(count: number, deadlineAt: number): Promise<NodeId[]> {
  const nodeIds = Array.from({ length: count }, () => makeId("node", ulid()));
  const insert = env.DB.prepare(
    `INSERT INTO nodes (node_id, owner_id, provider, machine_type, state, version, created_at, updated_at, deadline_at)
     VALUES (?, ?, 'elsewhere', 'local', 'ready', 3, 1, 1, ?)`,
  );
  await env.DB.batch(nodeIds.map((nodeId) => insert.bind(nodeId, stranger, deadlineAt)));
  return nodeIds;
}

/** The world of this Worker, with the owners of nodes replaced. */
function worldWith(probe: (nodeId: NodeId) => ReturnType<NodeOwner["probe"]>): SweepWorld {
  const world = sweepWorldOf(env);
  return {
    ...world,
    node: (nodeId) => ({ ...world.node(nodeId), probe: () => probe(nodeId) }),
    report: () => undefined,
  };
}

async function sweepsOf(client: Client) {
  return sweepListSchema.parse(await (await client.fetch("/api/sweeps")).json());
}

function partOf(report: Awaited<ReturnType<typeof runSweep>>, name: string) {
  return report.parts.find(({ part }) => part === name);
}

describe("each part by itself", () => {
  it("one that throws at once, one that fails, one that hangs and one that never ends its rows stop no other", async () => {
    const { scene, taskId } = await taskIn("workspace_creation");
    await loseAlarm(taskId);
    await scene.pass(4 * minuteMs);
    const report = await runSweep(
      { ...sweepWorldOf(env), report: () => undefined },
      scene.clock.now,
      {
        throws: () => {
          throw new Error("at once");
        },
        fails: () => Promise.reject(new Error("a moment later")),
        hangs: never,
        ...sweepParts,
      },
      { beginsForMs: 30_000, partTimeoutMs: 3_000 },
    );
    expect(partOf(report, "throws")).toMatchObject({ failed: "Error: at once", isWhole: false });
    expect(partOf(report, "fails")).toMatchObject({ failed: "Error: a moment later", isWhole: false });
    expect(partOf(report, "hangs")?.failed).toContain("not answered within 3000 ms");
    expect(partOf(report, "tasks")).toMatchObject({ looked: 1, acted: 1, failed: null, isWhole: true });
    expect((await scene.client.task(taskId)).failure).toMatchObject({ reason: "lost_runner" });
  });

  it("a part that has used up its time begins no further row, and says so", async () => {
    const scene = await Scene.open();
    await lostNodes(rowsPerSweep, scene.clock.now - dayMs);
    let clock = 0;
    const world = { ...worldWith(() => Promise.reject(new Error("no"))), clock: () => (clock += 1_000) };
    const limits = { beginsForMs: 2_500, partTimeoutMs: 30_000 };
    const report = await runSweep(world, scene.clock.now, { nodes: sweepNodes }, limits);
    expect(partOf(report, "nodes")).toMatchObject({ looked: 100, isWhole: false });
  });
});

describe("going on where the last sweep was", () => {
  it("1,000 rows that fail every time: a new one behind them is reached by the sixth sweep, and each of them too", async () => {
    const { scene, nodeId } = await taskIn("node_provisioning");
    if (nodeId === null) throw new Error("no node");
    await loseAlarm(nodeId);
    await scene.pass(16 * minuteMs);
    const lost = await lostNodes(1_000, scene.clock.now - dayMs);
    const told = new Set<string>();
    const world = sweepWorldOf(env);
    const asked = {
      ...worldWith((id) => {
        told.add(id);
        return id === nodeId ? world.node(id).probe() : Promise.reject(new Error("never answers"));
      }),
    };
    let sweeps = 0;
    while (!told.has(nodeId)) {
      const report = await runSweep(asked, scene.clock.now, { nodes: sweepNodes });
      expect(partOf(report, "nodes")?.looked).toBe(rowsPerSweep);
      sweeps += 1;
      expect(sweeps).toBeLessThanOrEqual(Math.ceil((lost.length + 1) / rowsPerSweep));
    }
    expect(lost.filter((id) => !told.has(id))).toEqual([]);
    expect((await scene.node(nodeId)).state).not.toBe("creating");
  });

  it("one that dies in the middle is followed by one that goes on there; what it was at comes round again", async () => {
    const scene = await Scene.open();
    const lost = (await lostNodes(180, scene.clock.now - dayMs)).toSorted();
    const visited: string[] = [];
    const dying = worldWith((id) => {
      visited.push(id);
      return visited.length > 50 ? never() : Promise.reject(new Error("no"));
    });
    const limits = { beginsForMs: 30_000, partTimeoutMs: 300 };
    const cut = await runSweep(dying, scene.clock.now, { nodes: sweepNodes }, limits);
    expect(partOf(cut, "nodes")).toMatchObject({ looked: 50, isWhole: false });
    expect(visited).toEqual(lost.slice(0, 100));

    const next: string[] = [];
    const well = worldWith((id) => {
      next.push(id);
      return Promise.reject(new Error("no"));
    });
    await runSweep(well, scene.clock.now, { nodes: sweepNodes });
    expect(next).toEqual([...lost.slice(100), ...lost.slice(0, 100)]);
  });
});

describe("two sweeps at once", () => {
  it("end a lost task once, with one row change for each transition", async () => {
    const { scene, taskId } = await taskIn("workspace_creation");
    await loseAlarm(taskId);
    await scene.pass(4 * minuteMs);
    await Promise.all([scene.sweep(), scene.sweep(), scene.sweep()]);
    const { failure } = await scene.inStep(taskId, "failed");
    expect(failure).toMatchObject({ reason: "lost_runner" });
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it("count one sweep for a runner that cannot be reached: three in a row are three moments", async () => {
    const { scene, taskId } = await taskIn("workspace_creation");
    await scene.pass(2 * minuteMs, taskId);
    await tamper(taskId, "UPDATE facts SET facts = '{'");
    await scene.pass(minuteMs);
    await Promise.all([scene.sweep(), scene.sweep()]);
    await scene.sweep();
    expect(await scene.client.row(taskId)).toMatchObject({ step: "workspace_creation" });
    for (const _again of [2, 3]) {
      await scene.pass(1);
      await scene.sweep();
    }
    expect(await scene.client.row(taskId)).toMatchObject({ step: "failed", failureReason: "lost_runner" });
  });
});

describe("the report", () => {
  it("tells each row by its id to its owner alone, once a day, and how often it was found", async () => {
    const { scene, taskId } = await taskIn("workspace_creation");
    const other = await scene.beside();
    await tamper(taskId, "UPDATE facts SET facts = '{'");
    await scene.pass(4 * minuteMs);
    const at = scene.clock.now;
    await scene.sweep();
    await scene.pass(1);
    const last = await scene.sweep();
    expect(last.parts.find(({ part }) => part === "tasks")).toMatchObject({
      looked: 1,
      found: 1,
      acted: 0,
      failed: "1 failed",
      findings: [{ kind: "not_swept", subjectId: taskId, detail: expect.stringContaining("2 sweeps in a row") }],
    });
    const told = await sweepsOf(scene.client);
    expect(told.sweeps.map((sweep) => sweep.at)).toEqual([at + 1, at]);
    expect(told.findings).toMatchObject([{ kind: "not_swept", subjectId: taskId, at, lastAt: at + 1, times: 2 }]);
    const theirs = await sweepsOf(other.client);
    expect(theirs.findings).toEqual([]);
    expect(JSON.stringify(theirs)).not.toContain(taskId);
  });

  it("is bounded, shows a sweep that died as one without an end, and is forgotten after its days", async () => {
    const scene = await Scene.open();
    await lostNodes(120, scene.clock.now - dayMs);
    await env.DB.prepare("INSERT INTO sweeps (at, began_at, ended_at, parts) VALUES (?, ?, NULL, '[]')")
      .bind(scene.clock.now - minuteMs, scene.clock.now - minuteMs)
      .run();
    await runSweep(
      worldWith(() => Promise.reject(new Error("x".repeat(5_000)))),
      scene.clock.now,
      {
        nodes: sweepNodes,
      },
    );
    const { sweeps, findings } = await sweepsOf(new Client(await tokenFor(stranger)));
    expect(sweeps).toMatchObject([
      { endedAt: scene.clock.now, parts: [{ looked: 120, found: 120, failed: "120 failed" }] },
      { endedAt: null, parts: [] },
    ]);
    expect(sweeps[0]?.parts[0]?.findings).toHaveLength(50);
    expect(findings).toHaveLength(50);
    expect(Math.max(...findings.map(({ detail }) => detail.length))).toBe(500);
    await env.DB.prepare("DELETE FROM nodes").run();
    await scene.pass(32 * dayMs);
    await scene.sweep();
    const rows = await env.DB.prepare("SELECT count(*) AS n FROM sweep_findings WHERE last_at < ?")
      .bind(scene.clock.now - 31 * dayMs)
      .first("n");
    expect(rows).toBe(0);
    const old = await env.DB.prepare("SELECT count(*) AS n FROM sweeps").first("n");
    expect(old).toBe(1);
  });
});
