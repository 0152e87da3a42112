/** Incident 1: a step that "moves" for ever, because a poll keeps refreshing the timestamp that its safety net watches. */
import { beforeEach, expect, it } from "vitest";

import {
  Client,
  Clock,
  countRowChanges,
  double,
  evictAndRunAlarm,
  eventually,
  expectOneRowChangeForEachTransition,
  owner,
  prepareDatabase,
  tokenFor,
} from "./support/world.ts";

const minuteMs = 60_000;
const pollMs = 4_000;

beforeEach(async () => {
  await prepareDatabase();
});

it("fails a task at 15 minutes whose server stays in creation for ever, and destroys the server", async () => {
  const clock = new Clock();
  const client = new Client(await tokenFor(owner));
  await double.reset({ status: "initializing" });
  const { taskId } = await client.submit();
  // The provider's acceptance is the last progress that there is.
  const begun = await eventually(
    "the server",
    () => client.task(taskId),
    (task) => task.clocks.lastProgressAt !== null,
  );
  const nodeId = begun.nodeId;
  if (nodeId === null) throw new Error("no node was claimed");
  await eventually(
    "the create",
    () => double.state(),
    (state) => state.servers.length === 1,
  );
  const rowAtStart = await eventually(
    "the row",
    () => client.row(taskId),
    (row) => row?.step === "node_provisioning",
  );
  const changesAtStart = await countRowChanges(taskId);

  while (clock.now + pollMs < begun.clocks.inStateSince + 15 * minuteMs) {
    clock.advance(pollMs);
    await evictAndRunAlarm(nodeId);
    await evictAndRunAlarm(taskId);
  }

  expect((await double.state()).polls).toBeGreaterThanOrEqual(200);
  const before = await client.task(taskId);
  expect(before.step).toBe("node_provisioning");
  expect(before.clocks.inStateSince).toBe(begun.clocks.inStateSince);
  expect(before.clocks.lastProgressAt).toBe(begun.clocks.lastProgressAt);
  expect(before.clocks.lastContactAt).toBeGreaterThan(begun.clocks.inStateSince + 14 * minuteMs);
  expect(await client.row(taskId)).toEqual(rowAtStart);
  expect(await countRowChanges(taskId)).toBe(changesAtStart);

  clock.advance(pollMs);
  await evictAndRunAlarm(taskId);
  const failed = await client.task(taskId);
  expect(failed).toMatchObject({ step: "failed", failure: { reason: "provisioning_timeout" } });
  expect(failed.clocks.frozenAt).toBe(clock.now);

  await eventually(
    "the destruction",
    () => double.state(),
    (state) => state.servers.length === 0,
  );
  await eventually(
    "the row's end",
    () => client.row(taskId),
    (row) => row?.step === "failed",
  );
  await expectOneRowChangeForEachTransition(client, taskId);
});
