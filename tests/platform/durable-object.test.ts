/**
 * What the design takes for granted of Durable Objects, D1 and the test runner, asked of the versions in the lockfile.
 * When an upgrade fails here, no test of ours further up can be trusted.
 */
import {
  abortAllDurableObjects,
  applyD1Migrations,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, expect, it, vi } from "vitest";

beforeAll(async () => {
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

afterEach(() => {
  vi.useRealTimers();
});

async function alarmsOf(stub: DurableObjectStub): Promise<number[]> {
  const query = env.DB.prepare("SELECT at FROM alarms WHERE name = ?").bind(stub.id.toString());
  const { results } = await query.all<{ at: number }>();
  return results.map((row) => row.at);
}

it("forgets memory and keeps storage and the alarm when a Durable Object is evicted", async () => {
  const stub = env.COUNTER.getByName("evicted");
  await stub.tick();
  expect(await stub.tick()).toMatchObject({ inMemory: 2, stored: 2 });

  await evictDurableObject(stub);

  expect(await stub.state()).toMatchObject({ inMemory: 0, stored: 2 });
  expect(await runInDurableObject(stub, (_instance, state) => state.storage.getAlarm())).toBeTypeOf("number");
});

it("forgets memory and keeps storage when a Durable Object crashes", async () => {
  await env.COUNTER.getByName("crashed").tick();

  await abortAllDurableObjects();

  expect(await env.COUNTER.getByName("crashed").state()).toMatchObject({ inMemory: 0, stored: 1 });
});

it("runs an evicted Durable Object's alarm once, and the alarm can write to D1", async () => {
  const stub = env.COUNTER.getByName("alarmed");
  await stub.tick();
  await evictDurableObject(stub);

  expect(await runDurableObjectAlarm(stub)).toBe(true);
  expect(await runDurableObjectAlarm(stub)).toBe(false);
  expect(await alarmsOf(stub)).toHaveLength(1);
});

it("fires an alarm that is due without being asked", async () => {
  const stub = env.COUNTER.getByName("due");
  await runInDurableObject(stub, async (_instance, state) => {
    await state.storage.setAlarm(Date.now() + 20);
  });

  await vi.waitUntil(async () => (await alarmsOf(stub)).length === 1, { timeout: 10_000, interval: 20 });
  expect(await alarmsOf(stub)).toHaveLength(1);
});

it("lets a test set the clock that a Durable Object reads", async () => {
  const stub = env.COUNTER.getByName("clocked");
  vi.setSystemTime(new Date("2030-01-01T00:00:00Z"));
  expect((await stub.tick()).nowMs).toBe(Date.parse("2030-01-01T00:00:00Z"));

  vi.setSystemTime(new Date("2030-01-01T00:15:00Z"));
  await evictDurableObject(stub);
  await runDurableObjectAlarm(stub);

  expect(await alarmsOf(stub)).toEqual([Date.parse("2030-01-01T00:15:00Z")]);
});

it("keeps a hibernatable WebSocket open over an eviction", async () => {
  const stub = env.COUNTER.getByName("connected");
  await stub.tick();
  const response = await stub.fetch("http://platform.test/", { headers: { upgrade: "websocket" } });
  const socket = response.webSocket;
  if (socket === null) throw new Error("No WebSocket came back.");
  const answer = new Promise<unknown>((resolve) => {
    socket.addEventListener("message", (event) => resolve(event.data), { once: true });
  });
  socket.accept();

  await evictDurableObject(stub);
  socket.send("hello");

  expect(await answer).toBe("hello after 0 ticks");
  socket.close();
});
