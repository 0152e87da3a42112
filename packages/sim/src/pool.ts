/** Workers that run seeds side by side, each in a thread. */
import { join } from "node:path";
import { Worker } from "node:worker_threads";

import type { SeedResult } from "./run-seed.ts";
import type { Portion, PortionDone } from "./worker.ts";

const portionSize = 20;

export interface PoolPlan {
  readonly first: number;
  readonly count: number;
  readonly workers: number;
  readonly canary: string | null;
  /** Looked at between portions. */
  readonly isEnough: () => boolean;
  readonly onResults: (results: readonly SeedResult[]) => void;
}

/** Runs the seeds of a plan; resolves when all are done, or it is enough. @throws what a worker throws. */
export async function runPool(plan: PoolPlan): Promise<void> {
  let next = plan.first;
  const end = plan.first + plan.count;
  const take = (): Portion | null => {
    if (next >= end || plan.isEnough()) return null;
    const portion = { first: next, count: Math.min(portionSize, end - next), canary: plan.canary };
    next += portion.count;
    return portion;
  };
  await Promise.all(Array.from({ length: plan.workers }, () => runWorker(take, plan.onResults)));
}

function runWorker(take: () => Portion | null, onResults: PoolPlan["onResults"]): Promise<void> {
  const worker = new Worker(join(import.meta.dirname, "worker.ts"));
  return new Promise((resolve, reject) => {
    const goOn = () => {
      const portion = take();
      if (portion !== null) worker.postMessage(portion);
      else void worker.terminate().then(() => resolve());
    };
    worker.on("message", ({ results }: PortionDone) => {
      onResults(results);
      goOn();
    });
    worker.on("error", reject);
    goOn();
  });
}
