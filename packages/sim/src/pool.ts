/** Workers that run seeds side by side, each in a thread. */
import { join } from "node:path";
import { Worker } from "node:worker_threads";

import type { SeedResult } from "./run-seed.ts";
import type { Portion, PortionDone } from "./worker.ts";

/** Most of what a schedule makes is garbage at once. */
const maxYoungGenerationSizeMb = 64;

export interface PoolPlan {
  readonly workers: number;
  /** @returns what is to be run next; null: no more. */
  readonly next: () => Portion | null;
  readonly onDone: (portion: Portion, results: readonly SeedResult[]) => void;
}

/** Runs portion after portion; resolves when all are done. @throws what a worker throws. */
export async function runPool(plan: PoolPlan): Promise<void> {
  await Promise.all(Array.from({ length: plan.workers }, () => runWorker(plan)));
}

function runWorker({ next, onDone }: PoolPlan): Promise<void> {
  const worker = new Worker(join(import.meta.dirname, "worker.ts"), { resourceLimits: { maxYoungGenerationSizeMb } });
  return new Promise((resolve, reject) => {
    let portion = next();
    const goOn = () => {
      if (portion !== null) worker.postMessage(portion);
      else void worker.terminate().then(() => resolve());
    };
    worker.on("message", ({ results }: PortionDone) => {
      if (portion !== null) onDone(portion, results);
      portion = next();
      goOn();
    });
    worker.on("error", reject);
    goOn();
  });
}
