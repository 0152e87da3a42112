/**
 * `npm run bench`: ratios against a baseline in the same run. `--write` puts what it printed into docs/benchmarks.md,
 * with the machine that it ran on; `--quick` makes fewer runs. Exits with 1 where a bound is not met.
 */
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { join } from "node:path";

import { measureCodexLoop } from "./codex-loop.ts";
import { measurePage } from "./page.ts";
import { measureRowChanges } from "./row-changes.ts";
import { measureStartUp } from "./start-up.ts";
import { measureSubmitLatency } from "./submit-latency.ts";
import { holds, inTable, type Figure } from "./support/statistics.ts";
import { BenchSystem, checkout } from "./support/system.ts";
import { measureUpdateLatency } from "./update-latency.ts";
import { measureWarmRun } from "./warm-run.ts";

const quick = process.argv.includes("--quick");

function machine(): string {
  const memoryGiB = (totalmem() / 2 ** 30).toFixed(1);
  const cpu = cpus()[0]?.model.trim() ?? "an unnamed CPU";
  return `${availableParallelism()} cores (${cpu}), ${memoryGiB} GiB, Linux ${release()}, Node ${process.versions.node}`;
}

async function measure(): Promise<Figure[]> {
  const system = new BenchSystem();
  const figures: Figure[] = [];
  const note = (more: Figure[]) => {
    figures.push(...more);
    console.log(inTable(more).split("\n").slice(2).join("\n"));
  };
  try {
    await system.start();
    note(measureWarmRun(system, quick ? 3 : 9));
    note(await measureSubmitLatency(system, quick ? 10 : 100));
    note(await measureUpdateLatency(system, quick ? 30 : 200));
    note(await measureRowChanges(system, quick ? 3 : 10));
    note(await measureCodexLoop(system, quick ? 3 : 9));
    note(await measurePage(system, quick ? 20 : 100));
  } finally {
    await system.stop();
    system.remove();
  }
  note(await measureStartUp(quick ? 2 : 7));
  return figures;
}

const figures = await measure();
const report = `# Benchmarks

\`npm run bench -- --write\` wrote this on ${new Date().toISOString().slice(0, 10)}, on ${machine()}.
Every figure is a ratio against a baseline of the same run; absolute times say more about the machine than about SAM.

${inTable(figures)}
`;
console.log(`\n${report}`);
if (process.argv.includes("--write")) writeFileSync(join(checkout, "docs/benchmarks.md"), report);
process.exitCode = figures.every(holds) ? 0 : 1;
