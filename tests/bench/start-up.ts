/** `npm start` to ready with everything built, and memory at rest, each over an empty Miniflare. */
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { treeMemoryBytes } from "./support/memory.ts";
import { median, type Figure } from "./support/statistics.ts";
import { BenchSystem, checkout, saidBy } from "./support/system.ts";

const restMs = 20_000;

export async function measureStartUp(runs: number): Promise<Figure[]> {
  const system = new BenchSystem();
  const ready: number[] = [];
  const emptyReady: number[] = [];
  // The first start runs the first task on the sample repository; a newcomer's second start is what is counted.
  system.run("start", "--once");
  for (let run = 0; run <= runs; run += 1) {
    const empty = await startEmpty();
    await endEmpty(empty.child);
    const readyMs = await system.start(["npm", ["start", "--silent"]]);
    await system.stop();
    if (run > 0) {
      ready.push(readyMs);
      emptyReady.push(empty.readyMs);
    }
  }
  system.remove();
  const fresh = await memoryAtRest();
  return [
    {
      name: "`npm start` to ready, everything built (median)",
      measured: median(ready),
      baseline: median(emptyReady),
      unit: "ms",
      baselineName: "an empty Miniflare",
      atMost: 3,
      runs,
    },
    {
      name: "memory at rest, no node running",
      measured: fresh.sam / 1e6,
      baseline: fresh.empty / 1e6,
      unit: "MB",
      baselineName: "an empty Miniflare",
      atMost: 1.5,
      runs: 1,
    },
  ];
}

/** Both have answered a request and were then left alone for the same time. */
async function memoryAtRest(): Promise<{ sam: number; empty: number }> {
  const system = new BenchSystem();
  const empty = await startEmpty();
  await system.start();
  await (await system.call("/api/tasks")).text();
  await wait(restMs);
  const figures = { sam: treeMemoryBytes(system.pid), empty: treeMemoryBytes(empty.child.pid ?? 0) };
  await system.stop();
  system.remove();
  await endEmpty(empty.child);
  return figures;
}

async function startEmpty(): Promise<{ child: ChildProcess; readyMs: number }> {
  const begun = performance.now();
  const script = join(checkout, "tests/bench/support/empty-miniflare.ts");
  const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "pipe"] });
  await saidBy(child, "is ready on");
  return { child, readyMs: performance.now() - begun };
}

async function endEmpty(child: ChildProcess): Promise<void> {
  const ended = new Promise((done) => child.once("exit", done));
  child.kill("SIGINT");
  await ended;
}
