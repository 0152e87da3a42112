/**
 * Incident 1 again, with nothing of the test between the clock and the Worker: real alarms fire by themselves, time is
 * real, and both objects are evicted as often as they can be, so that no guard can live in memory.
 */
import { makeId, type NodeId, type TaskId } from "@sam/domain/ids";
import type { TaskRow } from "@sam/protocol/task-api";
import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { ulid } from "ulid";
import { beforeEach, expect, it } from "vitest";
import { z } from "zod";

import {
  Client,
  countRowChanges,
  double,
  eventually,
  expectContiguous,
  expectOneRowChangeForEachTransition,
  objectOf,
  prepareDatabase,
  tokenFor,
} from "../support/world.ts";

beforeEach(async () => {
  await prepareDatabase();
});

interface Evictions {
  readonly polls: number;
  readonly task: number;
  readonly node: number;
}

/** Evicts both objects after each poll, and so before the alarm of the next. @returns what ends that. */
function evictAfterEachPoll(taskId: TaskId, nodeId: NodeId): () => Promise<Evictions> {
  let seen: Evictions = { polls: 0, task: 0, node: 0 };
  let goesOn = true;
  const loop = async () => {
    while (goesOn) {
      const { polls } = await double.state();
      if (polls > seen.polls) {
        const [node, task] = await Promise.all([evict(nodeId), evict(taskId)]);
        seen = { polls, node: seen.node + node, task: seen.task + task };
      }
      await scheduler.wait(1);
    }
    return seen;
  };
  const ended = loop();
  return () => {
    goesOn = false;
    return ended;
  };
}

/** @returns 1 where the object was running, and is no more; 0 where there was no memory to lose. */
function evict(id: TaskId | NodeId): Promise<0 | 1> {
  return evictDurableObject(objectOf(id)).then(
    () => 1,
    () => 0,
  );
}

interface Begun {
  readonly client: Client;
  readonly taskId: TaskId;
  readonly nodeId: NodeId;
  readonly row: TaskRow;
  readonly changes: number;
  readonly inStateSince: number;
}

async function beginForEver(): Promise<Begun> {
  const client = new Client(await tokenFor(makeId("user", ulid())));
  await double.reset({ status: "initializing" });
  const { taskId } = await client.submit();
  const { nodeId, clocks } = await eventually(
    "the server",
    () => client.task(taskId),
    (task) => task.clocks.lastProgressAt !== null,
  );
  const row = await eventually(
    "the row",
    () => client.row(taskId),
    (now) => now?.step === "node_provisioning",
  );
  if (nodeId === null || row === undefined) throw new Error("no node was claimed");
  return { client, taskId, nodeId, row, changes: await countRowChanges(taskId), inStateSince: clocks.inStateSince };
}

/** Looks at D1 alone, which wakes no object: until the end the row is what it was when the step began. */
async function rowStandsStillUntilItEnds({ client, taskId, row }: Begun, provisioningMs: number): Promise<void> {
  await eventually(
    "the end in D1",
    () => client.row(taskId),
    (now) => {
      if (now?.step !== "node_provisioning") return true;
      expect(now).toEqual(row);
      return false;
    },
    provisioningMs + 10_000,
  );
}

async function aTaskInCreationForEver(provisioningMs: number) {
  const settings = z.record(z.string(), z.number()).parse(JSON.parse(env.SETTINGS));
  Object.assign(env, { SETTINGS: JSON.stringify({ ...settings, provisioningMs }) });
  const begun = await beginForEver();
  const { client, taskId, nodeId } = begun;
  const endEvictions = evictAfterEachPoll(taskId, nodeId);
  await rowStandsStillUntilItEnds(begun, provisioningMs);
  const evictions = await endEvictions();

  const failed = await client.task(taskId);
  expect(failed).toMatchObject({ step: "failed", failure: { reason: "provisioning_timeout" } });
  expect((failed.clocks.frozenAt ?? 0) - begun.inStateSince).toBeGreaterThanOrEqual(provisioningMs);
  expect(failed.clocks.lastContactAt).toBeGreaterThan(begun.inStateSince);
  expect(await countRowChanges(taskId)).toBe(begun.changes + 1);
  await eventually(
    "the destruction",
    () => double.state(),
    (state) => state.servers.length === 0,
  );
  await expectOneRowChangeForEachTransition(client, taskId);
  expectContiguous(await client.messages(taskId));
  return evictions;
}

it("fails at its deadline after 200 polls with an eviction before each, its row untouched until then", async () => {
  // As long a deadline as this machine needs for so many polls: each run is held against everything but their number.
  for (const provisioningMs of [10_000, 30_000]) {
    const { polls, node, task } = await aTaskInCreationForEver(provisioningMs);
    if (polls >= 200 && node >= 200 && task >= 100) return;
  }
  const { polls, node, task } = await aTaskInCreationForEver(90_000);
  expect(polls).toBeGreaterThanOrEqual(200);
  expect(node).toBeGreaterThanOrEqual(200);
  expect(task).toBeGreaterThanOrEqual(100);
}, 160_000);
