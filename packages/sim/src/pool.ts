/**
 * Workers that run seeds side by side, each a process: threads of one process wait for each other, since SQLite shares its
 * locks and its memory among them.
 */
import { fork } from "node:child_process";
import { join } from "node:path";

import type { SeedResult } from "./run-seed.ts";
import type { Portion, PortionDone } from "./worker.ts";

/**
 * A world is garbage at once when it has ended: what is young is collected often, and everything, with the code that was
 * made fast, rarely. The other processors have workers of their own. The code is run for so long that to compile it at once,
 * and to keep it, pays.
 */
const execArgv = [
  "--min-semi-space-size=64",
  "--max-semi-space-size=64",
  "--initial-old-space-size=1024",
  "--single-threaded-gc",
  "--always-sparkplug",
  "--no-flush-bytecode",
];

export interface PoolPlan {
  readonly workers: number;
  /** @returns what is to be run next; null: no more. */
  readonly next: () => Portion | null;
  /** @param processorMs what it took of a processor, with the worker's start where it was its first. */
  readonly onDone: (portion: Portion, results: readonly SeedResult[], processorMs: number) => void;
}

/** Runs portion after portion; resolves when all are done. @throws what ended a worker before that. */
export async function runPool(plan: PoolPlan): Promise<void> {
  await Promise.all(Array.from({ length: plan.workers }, () => runWorker(plan)));
}

function runWorker({ next, onDone }: PoolPlan): Promise<void> {
  let portion = next();
  if (portion === null) return Promise.resolve();
  const worker = fork(join(import.meta.dirname, "worker.ts"), { execArgv, serialization: "advanced" });
  return new Promise((resolve, reject) => {
    const goOn = () => {
      if (portion !== null) worker.send(portion);
      else worker.disconnect();
    };
    worker.on("message", ({ results, processorMs }: PortionDone) => {
      if (portion !== null) onDone(portion, results, processorMs);
      portion = next();
      goOn();
    });
    worker.on("error", reject);
    worker.on("exit", (code, signal) => {
      if (portion === null) resolve();
      else reject(new Error(`the worker of seeds from ${portion.first} on ended with ${signal ?? code}`));
    });
    goOn();
  });
}
