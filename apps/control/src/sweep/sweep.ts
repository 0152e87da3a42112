/**
 * The sweep: the scheduled safety net. It reads rows, not memory, and asks the owner of each. Its parts are apart from
 * each other: one that fails is reported as failed, and stops no other.
 */
import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";

import { settingsOf, type Env } from "../env.ts";
import { within } from "../lifecycle/deadline.ts";
import { report } from "../system/report.ts";
import { writeLastSweep, type SweepReport } from "./sweep-memory.ts";
import { sweepNodes } from "./sweep-nodes.ts";
import type { SweepPart } from "./sweep-part.ts";
import { sweepTasks } from "./sweep-tasks.ts";
import { sweepTokens } from "./sweep-tokens.ts";

const partTimeoutMs = 45_000;

const parts: Readonly<Record<string, SweepPart>> = { tasks: sweepTasks, nodes: sweepNodes, tokens: sweepTokens };

/** Runs every part, each by itself, and writes down what it looked at, what it did, and what failed. Never throws. */
export async function sweep(env: Env, now: number): Promise<SweepReport> {
  const database = drizzle(env.DB);
  const settings = settingsOf(env);
  const outcomes = await Promise.all(
    Object.entries(parts).map(async ([part, run]) => {
      try {
        const done = await within(`sweep of ${part}`, partTimeoutMs, run({ env, database, settings, now }));
        return { part, ...done };
      } catch (error) {
        report(`sweep of ${part}`, error);
        return { part, looked: 0, acted: 0, failed: String(error).slice(0, 500) };
      }
    }),
  );
  const result = { at: now, parts: outcomes };
  await remember(database, result);
  return result;
}

async function remember(database: DrizzleD1Database, result: SweepReport): Promise<void> {
  try {
    await within("D1", partTimeoutMs, writeLastSweep(database, result));
  } catch (error) {
    report("the report of the sweep", error);
  }
}
