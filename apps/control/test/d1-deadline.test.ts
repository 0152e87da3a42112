/** D1 answers in time or is given up, whoever asks it and however: nothing here waits for it without an end. */
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { d1TimeoutMs, withD1Deadlines } from "../src/database/d1-deadline.ts";
import { tasksTable } from "../src/database/schema.ts";
import { DeadlineExceeded } from "../src/lifecycle/deadline.ts";
import worker from "../src/worker.ts";
import { Client, owner, prepareDatabase, tokenFor } from "./support/world.ts";

/** A D1 that takes everything and answers nothing. */
function silentD1(): D1Database {
  const never = () => new Promise<never>(() => undefined);
  const statement = { bind: () => statement, run: never, all: never, raw: never, first: never };
  return { prepare: () => statement, batch: never, exec: never } as unknown as D1Database;
}

const silent = () => withD1Deadlines({ ...env, DB: silentD1() }).DB;

async function failure(work: PromiseLike<unknown>): Promise<unknown> {
  const settled = Promise.resolve(work).then(
    () => null,
    (error: unknown) => error,
  );
  await vi.advanceTimersByTimeAsync(d1TimeoutMs);
  const error = await settled;
  return error instanceof Error && error.cause !== undefined ? error.cause : error;
}

describe("a D1 that does not answer", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([
    ["a query", () => drizzle(silent()).select().from(tasksTable)],
    ["a write", () => drizzle(silent()).delete(tasksTable).run()],
    ["a row", () => drizzle(silent()).select().from(tasksTable).get()],
    ["a batch", () => drizzle(silent()).batch([drizzle(silent()).delete(tasksTable)])],
    ["a statement of its own", () => silent().prepare("SELECT ?").bind(1).first()],
    ["a script", () => silent().exec("SELECT 1")],
  ])("%s is given up at its deadline", async (_what, work) => {
    expect(await failure(work())).toBeInstanceOf(DeadlineExceeded);
  });
});

it("what it answers comes as it is, one by one and in a batch", async () => {
  await prepareDatabase();
  const database = drizzle(withD1Deadlines(env).DB);
  expect(await database.all(sql`SELECT 7 AS seven`)).toEqual([{ seven: 7 }]);
  const [rows, counted] = await database.batch([
    database.select().from(tasksTable),
    database.select({ n: sql<number>`count(*)` }).from(tasksTable),
  ]);
  expect([rows, counted]).toEqual([[], [{ n: 0 }]]);
});

it("a request that waited for it says so, and that it may be tried again", async () => {
  await prepareDatabase();
  const authorization = `Bearer ${await tokenFor(owner)}`;
  expect((await new Client(authorization.slice(7)).fetch("/api/tasks")).status).toBe(200);
  vi.useFakeTimers();
  try {
    const request = new Request<unknown, IncomingRequestCfProperties>("http://control.test/api/tasks", {
      headers: { authorization },
    });
    const asked = worker.fetch(request, { ...env, DB: silentD1() }, createExecutionContext());
    await vi.advanceTimersByTimeAsync(d1TimeoutMs);
    const answer = await asked;
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain("D1 was not answered within 10000 ms");
  } finally {
    vi.useRealTimers();
  }
});
