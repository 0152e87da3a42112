/**
 * A run of chaos: people use the real system while a storm of faults rages over it; then all faults end, the system has a
 * bounded time to come to rest, and what it says of itself is held against the ten rules, and against the witnesses.
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { checkSystem, checkTask, type RuleReport, together } from "@sam/domain/rules/check";
import { lastState } from "@sam/domain/rules/task-record";
import { chance } from "@sam/domain/testing/seeded";

import type { ChaosOptions } from "./options.ts";
import { People } from "./people.ts";
import { waitForRest } from "./quiet.ts";
import { readSystem } from "./read-system.ts";
import { readTaskRows, readTasks } from "./read-tasks.ts";
import { prepareSetting, type Setting } from "./setting.ts";
import { Storm } from "./storm.ts";
import { hearWitnesses } from "./witnesses.ts";

export interface ChaosReport {
  readonly seed: number;
  readonly rules: readonly RuleReport[];
  /** What went wrong with the run itself: it did not come to rest, or a fault could not be ended. */
  readonly trouble: readonly string[];
  readonly faults: readonly (readonly [string, number])[];
  readonly acts: readonly (readonly [string, number])[];
  /** How many tasks ended how, by step and reason. */
  readonly ends: readonly (readonly [string, number])[];
  readonly stormMs: number;
  readonly restMs: number;
  /** Null where the disk of the nodes was not one that can be filled. */
  readonly hasSmallDisk: boolean;
  readonly folder: string;
}

const restTimeoutMs = 150_000;
const progressMs = 5_000;
/** Each kind of chance has a stream of its own, so that a fault more does not change the work. */
const streams = { people: 1, storm: 2 };

/** @param print is called with each line of progress. */
export async function runChaos(options: ChaosOptions, print: (line: string) => void): Promise<ChaosReport> {
  const setting = await prepareSetting();
  let isGood = false;
  try {
    const report = await storm(setting, options, print);
    isGood = report.trouble.length === 0 && report.rules.every(({ breaches }) => breaches.length === 0);
    return report;
  } catch (error) {
    print(`The run could not be brought to its end; what it left is kept in ${setting.system.folder}.`);
    throw error;
  } finally {
    await setting.end(options.keeps || !isGood);
  }
}

async function storm(setting: Setting, options: ChaosOptions, print: (line: string) => void): Promise<ChaosReport> {
  const { system, repositories, usersApi: api } = setting;
  await setting.up();
  const urls = repositories.map(({ path }) => path);
  const people = new People({
    api,
    chance: chance(options.seed * 8 + streams.people),
    urls,
    tasksAtOnce: options.tasks,
  });
  const log = join(system.folder, "faults.log");
  const note = (line: string) => appendFileSync(log, `${line}\n`);
  const faults = new Storm({ ...setting, note, chance: chance(options.seed * 8 + streams.storm) });
  const startedAt = Date.now();
  const progress = setInterval(() => print(progressLine(setting, faults, Date.now() - startedAt)), progressMs);
  const working = people.work();
  try {
    await faults.rage(options.minutes * 60_000, options.pauseMs, interrupted());
    const stormMs = Date.now() - startedAt;
    print(`The storm is over after ${Math.round(stormMs / 1000)} s. Waiting until the system is at rest.`);
    const unknown = await people.calmDown(restTimeoutMs);
    const moving = await waitForRest(system, restTimeoutMs);
    const restMs = Date.now() - startedAt - stormMs;
    await everyFollowerIsUpToDate(people);
    const read = await readTasks(system, people.charges);
    const { tasks, missing } = read;
    const record = await readSystem(system, tasks, repositories);
    const reports = [
      checkSystem(record),
      ...tasks.map(checkTask),
      hearWitnesses(system, people.charges, read, repositories),
    ];
    return {
      seed: options.seed,
      rules: together(...reports),
      trouble: [
        ...(unknown === 0 ? [] : [`${unknown} submissions were neither accepted nor refused`]),
        ...missing.map((taskId) => `${taskId} was accepted, and SAM does not know it`),
        ...(moving === null ? [] : [`it did not come to rest within ${restTimeoutMs / 1000} s: ${moving}`]),
        ...faults.mishaps.map(({ name, error }) => `${name}: ${error}`),
      ],
      faults: faults.counts(),
      acts: [...people.acts].toSorted(([, a], [, b]) => b - a),
      ends: countBy(tasks.flatMap((task) => lastState(task) ?? []).map(({ step, failure }) => failure?.reason ?? step)),
      stormMs,
      restMs,
      hasSmallDisk: setting.disk !== null,
      folder: system.folder,
    };
  } finally {
    clearInterval(progress);
    await people.stop();
    await working;
  }
}

/** Ctrl-C ends the storm, and what it left is looked at all the same; a second one ends all. */
function interrupted(): AbortSignal {
  const abort = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => abort.abort());
  return abort.signal;
}

/** Whoever follows live is a moment behind; longer than that, and the rules say so. */
async function everyFollowerIsUpToDate({ charges }: People): Promise<void> {
  let before = -1;
  for (let now = shown(charges); now !== before; now = shown(charges)) {
    before = now;
    await sleep(1_000);
  }
}

function shown(charges: People["charges"]): number {
  return charges.reduce((sum, { follower }) => sum + follower.seqs.length, 0);
}

function progressLine({ system }: Setting, { struck }: Storm, forMs: number): string {
  const steps = stepsNow(system.dataDirectory);
  const seconds = Math.round(forMs / 1000);
  const time = `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  return `${time}  ${struck.length} faults; tasks: ${steps}`;
}

function stepsNow(dataDirectory: string): string {
  try {
    return inWords(countBy(readTaskRows(dataDirectory).map(({ step }) => step)));
  } catch (error) {
    // A control plane that is starting again has its database for itself.
    return `not readable now (${error instanceof Error ? error.message : String(error)})`;
  }
}

function countBy(names: readonly string[]): readonly (readonly [string, number])[] {
  const groups = Map.groupBy(names, (name) => name);
  return [...groups].map(([name, all]) => [name, all.length] as const).toSorted(([, a], [, b]) => b - a);
}

export function inWords(counts: readonly (readonly [string, number])[]): string {
  return counts.map(([name, times]) => `${name} ${times}`).join(", ") || "none";
}
