/**
 * A submission is written down before its runner is asked. So a task that was accepted is never lost: though its first row
 * was refused and its alarm was lost, it is found. And what could not be written down was never begun.
 */
import type { TaskId } from "@sam/domain/ids";
import { submissionsLookedAtAfterMs, submissionsUnderWayMs } from "@sam/domain/sweep";
import { env } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/d1";
import { describe, expect, it } from "vitest";

import { sweepSubmissions } from "../src/sweep/sweep-submissions.ts";
import { sweepWorldOf, type SweepWorld } from "../src/sweep/sweep-world.ts";
import { runSweep } from "../src/sweep/sweep.ts";
import { problemOf } from "./support/problem.ts";
import { loseAlarm, minuteMs, Scene, takeTableAway } from "./support/scene.ts";
import { working } from "./support/vm-agent-script.ts";
import { newTaskId } from "./support/world.ts";

const body = { prompt: "Say hello", repository: { url: "/srv/project.git", branch: null } };

function submissionOf(taskId: TaskId) {
  return env.DB.prepare("SELECT owner_id, at FROM submissions WHERE task_id = ?").bind(taskId).first();
}

/** A runner has accepted it, D1 refused its first row, and the platform has given its alarm up. */
async function acceptedWithoutRow() {
  const scene = await Scene.open();
  const taskId = newTaskId();
  const giveBack = await takeTableAway("tasks");
  const response = await scene.client.post("/api/tasks", { taskId, ...body });
  expect(response.status).toBe(503);
  expect((await problemOf(response)).detail).toContain(`${taskId} is accepted and goes on`);
  await loseAlarm(taskId);
  await giveBack();
  expect(await scene.client.row(taskId)).toBeUndefined();
  return { scene, taskId };
}

async function partOf(scene: Scene) {
  const part = (await scene.sweep()).parts.find(({ part: name }) => name === "submissions");
  if (part === undefined) throw new Error("no part for submissions");
  return part;
}

describe("a task that was accepted, its first row refused and its alarm lost", () => {
  it("is told to look by the sweep, has its row, and goes on to its end; its submission is then forgotten", async () => {
    const { scene, taskId } = await acceptedWithoutRow();
    await scene.pass(submissionsLookedAtAfterMs - 1);
    expect(await partOf(scene)).toMatchObject({ looked: 0, found: 0, failed: null });
    await scene.pass(1);
    expect(await partOf(scene)).toMatchObject({
      looked: 1,
      found: 1,
      acted: 1,
      failed: null,
      findings: [
        { kind: "accepted_without_row", subjectId: taskId, detail: expect.stringContaining("no alarm is set") },
      ],
    });
    await scene.bootAgentOf(taskId, { onCommand: working() });
    await scene.inStep(taskId, "completed");
    await scene.expectOneRowChangeForEachTransition(taskId);

    expect(await partOf(scene)).toMatchObject({ looked: 1, found: 0, failed: null });
    expect(await submissionOf(taskId)).toBeNull();
  });

  it("is no other user's who submits under its id: they are refused, and it is found as it would have been", async () => {
    const { scene, taskId } = await acceptedWithoutRow();
    const before = await submissionOf(taskId);
    expect(before).toMatchObject({ owner_id: scene.ownerId });
    await scene.pass(submissionsLookedAtAfterMs);
    const other = await scene.beside();
    expect((await other.client.post("/api/tasks", { taskId, ...body })).status).toBe(409);
    expect(await submissionOf(taskId)).toEqual(before);
    expect(await partOf(other)).toMatchObject({ acted: 1, findings: [] });
    expect((await scene.client.row(taskId))?.taskId).toBe(taskId);
    expect(await other.client.row(taskId)).toBeUndefined();
  });
});

describe("a submission", () => {
  it("that cannot be written down is begun nowhere, and says so; submitted again it is a task", async () => {
    const scene = await Scene.open({ status: "initializing" });
    const taskId = newTaskId();
    const giveBack = await takeTableAway("submissions");
    const response = await scene.client.post("/api/tasks", { taskId, ...body });
    await giveBack();
    expect(response.status).toBe(503);
    expect((await problemOf(response)).detail).toBe(
      `${taskId} could not be written down, so its runner was not asked. Submit it again.`,
    );
    expect(await env.TASK_RUNNER.getByName(taskId).probe()).toEqual({ kind: "no_state" });
    expect(await scene.client.row(taskId)).toBeUndefined();

    expect((await scene.client.post("/api/tasks", { taskId, ...body })).status).toBe(201);
    await scene.inStep(taskId, "node_provisioning");
  });

  it("that never reached its runner is kept while it may still be under way, and then forgotten; asked again it is young", async () => {
    const scene = await Scene.open({ status: "initializing" });
    const taskId = newTaskId();
    const { now } = scene.clock;
    await env.DB.prepare("INSERT INTO submissions VALUES (?, ?, ?)").bind(taskId, scene.ownerId, now).run();
    await scene.pass(submissionsUnderWayMs - 1);
    expect(await partOf(scene)).toMatchObject({ looked: 1, found: 0, failed: null });
    expect(await submissionOf(taskId)).toMatchObject({ at: now });

    const giveBack = await takeTableAway("tasks");
    await scene.client.post("/api/tasks", { taskId, ...body });
    await giveBack();
    expect(await submissionOf(taskId)).toMatchObject({ at: scene.clock.now });

    const lost = newTaskId();
    await env.DB.prepare("INSERT INTO submissions VALUES (?, ?, ?)").bind(lost, scene.ownerId, now).run();
    await scene.pass(1);
    expect(await partOf(scene)).toMatchObject({ looked: 1, found: 0, failed: null });
    expect(await submissionOf(lost)).toBeNull();
    expect(await submissionOf(taskId)).not.toBeNull();
  });
});

describe("a sweep of submissions", () => {
  it("asks D1 once where there is none, and finds those that are due by the index of their times", async () => {
    const scene = await Scene.open();
    const { now } = scene.clock;
    const queries: { readonly text: string; readonly values: readonly unknown[] }[] = [];
    const logger = { logQuery: (text: string, values: unknown[]) => void queries.push({ text, values }) };
    const world: SweepWorld = { ...sweepWorldOf(env), database: drizzle(env.DB, { logger }) };
    const sweptParts = { submissions: sweepSubmissions };
    await runSweep(world, now, sweptParts);
    expect(queries.filter(({ text }) => text.includes('"submissions"'))).toHaveLength(1);
    expect(queries.filter(({ text }) => text.includes("sweep_memory"))).toEqual([]);

    await env.DB.prepare("INSERT INTO submissions VALUES (?, ?, ?)")
      .bind(newTaskId(), scene.ownerId, now - minuteMs)
      .run();
    await runSweep(world, now, sweptParts);
    await runSweep(world, now, sweptParts);
    const asked = queries.filter(({ text }) => text.includes('"submissions"'));
    expect(asked.length).toBeGreaterThanOrEqual(6);
    for (const { text, values } of asked) {
      const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${text}`)
        .bind(...values)
        .all();
      expect(String(results[0]?.["detail"])).toMatch(/^SEARCH submissions USING (COVERING )?INDEX submissions_by_time/);
    }
  });
});
