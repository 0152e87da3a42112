/**
 * The sweep: the scheduled safety net. It reads rows, not memory, and asks the owner of each. Its parts are apart from
 * each other: one that throws, hangs or is slow is reported as failed, and stops no other. What each of them does may be
 * done twice, so a sweep that is cut off, and two at once, do no harm.
 */
import type { Env } from "../env.ts";
import { sweepLedger } from "../ledger/sweep-ledger.ts";
import { within } from "../lifecycle/deadline.ts";
import { PartLog, type PartReport } from "./part-log.ts";
import { beginSweep, endSweep, recordFindings } from "./sweep-book.ts";
import { sweepEndedNodes, sweepEndedTasks } from "./sweep-endings.ts";
import { sweepNodes } from "./sweep-nodes.ts";
import type { SweepPart } from "./sweep-part.ts";
import { sweepReports } from "./sweep-reports.ts";
import { sweepSubmissions } from "./sweep-submissions.ts";
import { sweepTasks } from "./sweep-tasks.ts";
import { sweepTokens } from "./sweep-tokens.ts";
import { sweepWorldOf, type SweepWorld } from "./sweep-world.ts";

export interface SweepReport {
  readonly at: number;
  readonly parts: readonly PartReport[];
}

export type SweepParts = Readonly<Record<string, SweepPart>>;

export const sweepParts: SweepParts = {
  tasks: sweepTasks,
  nodes: sweepNodes,
  submissions: sweepSubmissions,
  "ended tasks": sweepEndedTasks,
  "ended nodes": sweepEndedNodes,
  ledger: sweepLedger,
  tokens: sweepTokens,
  reports: sweepReports,
};

/** A part begins nothing more after the first, and is left to itself after the second. */
export interface SweepLimits {
  readonly beginsForMs: number;
  readonly partTimeoutMs: number;
}

const defaultLimits: SweepLimits = { beginsForMs: 30_000, partTimeoutMs: 45_000 };
const bookTimeoutMs = 10_000;

/** One run of the schedule. Never throws. */
export async function sweep(env: Env, now: number): Promise<SweepReport> {
  return runSweep(sweepWorldOf(env), now);
}

/** Runs every part, each by itself, and writes down what it looked at, found and did, and what failed. Never throws. */
export async function runSweep(
  world: SweepWorld,
  now: number,
  parts: SweepParts = sweepParts,
  limits: SweepLimits = defaultLimits,
): Promise<SweepReport> {
  const { database, clock } = world;
  const sweepId = await writeDown(world, () => beginSweep(database, now, clock()));
  const reports = await Promise.all(
    Object.entries(parts).map(([name, part]) => runPart({ world, now, limits }, name, part)),
  );
  await writeDown(world, () => recordFindings(database, now, reports));
  if (sweepId !== null) await writeDown(world, () => endSweep(database, sweepId, clock(), reports));
  return { at: now, parts: reports };
}

/** Runs one part now, beside the schedule: no sweep is counted for it. Never throws. */
export async function runAlone(world: SweepWorld, now: number, name: string, part: SweepPart): Promise<PartReport> {
  const made = await runPart({ world, now, limits: defaultLimits }, name, part);
  await writeDown(world, () => recordFindings(world.database, now, [made]));
  return made;
}

interface Run {
  readonly world: SweepWorld;
  readonly now: number;
  readonly limits: SweepLimits;
}

async function runPart({ world, now, limits }: Run, name: string, part: SweepPart): Promise<PartReport> {
  const log = new PartLog();
  const beganAt = world.clock();
  let isLeft = false;
  const isOver = () => isLeft || world.clock() - beganAt >= limits.beginsForMs;
  let failure: string | null = null;
  try {
    await within(`sweep of ${name}`, limits.partTimeoutMs, part({ world, now, log, isOver }));
  } catch (error) {
    isLeft = true;
    failure = String(error);
    world.report(`sweep of ${name}`, error);
  }
  return log.report(name, Math.max(0, world.clock() - beganAt), failure);
}

/** A sweep that cannot write about itself sweeps all the same. */
async function writeDown<Value>(world: SweepWorld, work: () => Promise<Value>): Promise<Value | null> {
  try {
    return await within("the book of the sweeps", bookTimeoutMs, work());
  } catch (error) {
    world.report("the book of the sweeps", error);
    return null;
  }
}
