/** A worker runs the seeds that it is given, one after the other, in a process of its own, where time is the world's. */
import { canaryNamed } from "./canaries/canaries.ts";
import { quietProcess } from "./quiet-process.ts";
import { runSeed, type SeedResult } from "./run-seed.ts";
import { D1Storage } from "./storage/simulated-d1.ts";
import { installGlobals } from "./time/globals.ts";

/** What a worker is given: a few seeds at a time. */
export interface Portion {
  readonly first: number;
  readonly count: number;
  readonly canary: string | null;
}

export interface PortionDone {
  readonly results: readonly SeedResult[];
  /** What this process has spent of a processor since it said so last. */
  readonly processorMs: number;
}

if (process.send === undefined) throw new Error("this is a worker's file");
quietProcess();
installGlobals();
const storage = new D1Storage();
let spentMs = 0;

/** Where a canary is looked for, the first catch is enough. */
async function run({ first, count, canary: name }: Portion): Promise<readonly SeedResult[]> {
  const canary = name === null ? null : canaryNamed(name);
  const results: SeedResult[] = [];
  for (let seed = first; seed < first + count; seed += 1) {
    const result = await runSeed({ seed, storage, write: null, canary });
    results.push(result);
    if (canary !== null && result.breaches.some(({ rule }) => rule === canary.rule)) break;
  }
  return results;
}

async function answer(portion: Portion): Promise<void> {
  const results = await run(portion);
  const { user, system } = process.cpuUsage();
  const untilNowMs = (user + system) / 1_000;
  const done: PortionDone = { results, processorMs: untilNowMs - spentMs };
  spentMs = untilNowMs;
  process.send?.(done);
}

process.on("message", (portion: Portion) => {
  void answer(portion);
});
// Whoever gave the portions is gone, or has no more.
process.on("disconnect", () => process.exit(0));
