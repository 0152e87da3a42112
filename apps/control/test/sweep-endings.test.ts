/**
 * Endings that are owed: a task or a node has come to its end, owes an effect yet, and the platform has forgotten its alarm.
 * The sweep finds it, and what was owed is done; it wakes few objects for that, and those that owe nothing once in a while.
 */
import { makeId, type TaskId } from "@sam/domain/ids";
import type { OwnerSays } from "@sam/domain/sweep";
import { env } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/d1";
import { ulid } from "ulid";
import { describe, expect, it } from "vitest";

import { endingsPerSweep, sweepEndedNodes, sweepEndedTasks } from "../src/sweep/sweep-endings.ts";
import { sweepWorldOf, type SweepWorld } from "../src/sweep/sweep-world.ts";
import { runSweep } from "../src/sweep/sweep.ts";
import { alarmOf, hourMs, loseAlarm, minuteMs, openEffects, Scene, takeTableAway, tamper } from "./support/scene.ts";
import { connectedIn } from "./support/steps.ts";
import { delivered, tornDown } from "./support/vm-agent-script.ts";
import { stranger } from "./support/world.ts";

/** A task that is completed, and could not write down that its workspace is gone. */
async function owingTask() {
  const connected = await connectedIn("delivery");
  const { scene, taskId, agent } = connected;
  await agent.say(taskId, delivered());
  await scene.inStep(taskId, "completed");
  await scene.settled(taskId);
  const giveBack = await takeTableAway("workspaces");
  await agent.say(taskId, ...tornDown);
  await scene.pass(1, taskId);
  await giveBack();
  expect((await openEffects(taskId)).join()).toContain("workspaces");
  return connected;
}

async function endings(scene: Scene) {
  const { parts } = await scene.sweep();
  return parts.flatMap(({ part, findings, failed }) => (part.startsWith("ended ") ? [{ part, failed, findings }] : []));
}

describe("a task that has ended and owes an effect, its alarm lost", () => {
  it("is told to look, which is told, and what it owed is done", async () => {
    const { scene, taskId } = await owingTask();
    await loseAlarm(taskId);
    await scene.pass(2 * minuteMs);
    expect(await openEffects(taskId)).not.toEqual([]);
    const found = await endings(scene);
    expect(found).toContainEqual({
      part: "ended tasks",
      failed: null,
      findings: [{ kind: "owed_after_end", subjectId: taskId, detail: "no alarm is set" }],
    });
    await scene.settled(taskId);
    const { state } =
      (await env.DB.prepare("SELECT state FROM workspaces WHERE task_id = ?").bind(taskId).first()) ?? {};
    expect(state).toBe("removed");
    expect((await endings(scene)).flatMap(({ findings }) => findings)).toEqual([]);
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it("is left to its alarm where it has one, for as long as its grace, and two hours after its end to that alone", async () => {
    const { scene, taskId } = await owingTask();
    await scene.pass(minuteMs);
    expect(await alarmOf(taskId)).not.toBeNull();
    expect((await endings(scene)).flatMap(({ findings }) => findings)).toEqual([]);
    await loseAlarm(taskId);
    await scene.pass(2 * hourMs);
    expect((await endings(scene)).flatMap(({ findings }) => findings)).toEqual([]);
    expect(await openEffects(taskId)).not.toEqual([]);
  });
});

describe("a node that is destroyed and owes an effect, its alarm lost", () => {
  it("is told to look, and what it owed is done", async () => {
    const { scene, taskId, nodeId, agent } = await connectedIn("running");
    await scene.client.cancel(taskId);
    await agent.say(taskId, ...tornDown);
    await scene.inStep(taskId, "cancelled");
    await scene.client.post(`/api/nodes/${nodeId}/destroy`, {});
    await scene.pass(minuteMs, nodeId);
    await scene.nodeIn(nodeId, "destroyed");
    await scene.settled(nodeId);
    await tamper(nodeId, "UPDATE outbox SET done_at = NULL WHERE id = (SELECT max(id) FROM outbox)");
    await loseAlarm(nodeId);
    await scene.pass(2 * minuteMs);
    const found = await endings(scene);
    expect(found).toContainEqual({
      part: "ended nodes",
      failed: null,
      findings: [{ kind: "owed_after_end", subjectId: nodeId, detail: "no alarm is set" }],
    });
    await scene.settled(nodeId);
  });
});

describe("a sweep of what has ended", () => {
  const owesNothing: OwnerSays = {
    kind: "state",
    step: "completed",
    final: true,
    deadlineAt: null,
    alarmAt: null,
    nextAt: null,
  };

  /** Rows of tasks that ended so long ago. */
  async function endedTasks(count: number, endedAt: number): Promise<TaskId[]> {
    const taskIds = Array.from({ length: count }, () => makeId("task", ulid()));
    const insert = env.DB.prepare(
      `INSERT INTO tasks (task_id, owner_id, project_id, title, agent_id, repository_url, step, version, created_at, updated_at, written_by)
       VALUES (?, ?, 'project', 'title', 'runbook', '/srv/project.git', 'completed', 9, 1, ?, 'task_runner')`,
    );
    await env.DB.batch(taskIds.map((taskId) => insert.bind(taskId, stranger, endedAt)));
    return taskIds.toSorted();
  }

  it("asks few of them, goes on behind them the next time, and begins again at the first", async () => {
    const scene = await Scene.open();
    const { now } = scene.clock;
    await endedTasks(3, now - 30_000);
    await endedTasks(3, now - 2 * hourMs);
    const due = await endedTasks(endingsPerSweep + 5, now - 10 * minuteMs);
    const world = sweepWorldOf(env);
    const asked: string[] = [];
    const asking: SweepWorld = {
      ...world,
      task: (taskId) => {
        asked.push(taskId);
        return { ...world.task(taskId), probe: () => Promise.resolve(owesNothing) };
      },
    };
    const first = await runSweep(asking, now, { endings: sweepEndedTasks });
    expect(asked).toEqual(due.slice(0, endingsPerSweep));
    expect(first.parts).toMatchObject([{ looked: endingsPerSweep, found: 0, failed: null, isWhole: false }]);
    await runSweep(asking, now, { endings: sweepEndedTasks });
    expect(asked.slice(endingsPerSweep)).toEqual([...due.slice(endingsPerSweep), ...due.slice(0, endingsPerSweep - 5)]);
  });

  it("reads those of the last hours alone, by the index of ends, however many there ever were", async () => {
    const scene = await Scene.open();
    const { now } = scene.clock;
    await endedTasks(endingsPerSweep + 1, now - 10 * minuteMs);
    const queries: { readonly text: string; readonly values: readonly unknown[] }[] = [];
    const logger = { logQuery: (text: string, values: unknown[]) => void queries.push({ text, values }) };
    const world: SweepWorld = { ...sweepWorldOf(env), database: drizzle(env.DB, { logger }) };
    const parts = { tasks: sweepEndedTasks, nodes: sweepEndedNodes };
    await runSweep(world, now, parts);
    await runSweep(world, now, parts);
    const reads = queries.filter(({ text }) => /from "(tasks|nodes)"/.test(text));
    expect(reads.length).toBeGreaterThanOrEqual(5);
    for (const { text, values } of reads) {
      const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${text}`)
        .bind(...values)
        .all();
      expect(results).toMatchObject([{ detail: expect.stringMatching(/^SEARCH (tasks|nodes) USING INDEX \1_by_end/) }]);
    }
  });
});
