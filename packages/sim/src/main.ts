/**
 * `npm run sim`: seeds, one seed with its trace, or the canaries. See command-line.ts. The whole world is only loaded where
 * it is lived in this thread, since its workers load it each for themselves.
 */
import { readCommandLine, usage, type Asked } from "./command-line.ts";
import { runPool } from "./pool.ts";
import { lineOf } from "./rules/breach-line.ts";
import type { SeedResult } from "./run-seed.ts";

const exitCodes = { held: 0, broken: 1, notUnderstood: 64 } as const;
const progressEveryMs = 10_000;
/** So many seeds are handed to a worker at a time. */
const portionSize = 20;

const print = (line: string) => process.stdout.write(`${line}\n`);

function ask(): Asked | null {
  try {
    return readCommandLine(process.argv.slice(2));
  } catch (error) {
    print(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return null;
  }
}

async function runSeeds(asked: Extract<Asked, { what: "seeds" }>): Promise<number> {
  const { first, count, minutes, workers } = asked;
  const startedAt = performance.now();
  const total: Total = { seeds: 0, lives: 0, events: 0, processorMs: 0 };
  const broken: SeedResult[] = [];
  let toldAt = startedAt;
  let next = first;
  const isEnough = () => minutes !== null && performance.now() - startedAt > minutes * 60_000;
  await runPool({
    workers,
    next: () => {
      if (next >= first + count || isEnough()) return null;
      const portion = { first: next, count: Math.min(portionSize, first + count - next), canary: null };
      next += portion.count;
      return portion;
    },
    onDone: (_portion, results, processorMs) => {
      total.processorMs += processorMs;
      for (const result of results) {
        total.seeds += 1;
        total.lives += result.lives;
        total.events += result.events;
        if (result.breaches.length === 0) continue;
        broken.push(result);
        for (const breach of result.breaches.slice(0, 3)) print(`seed ${result.seed}: ${lineOf(breach)}`);
      }
      if (performance.now() - toldAt < progressEveryMs) return;
      toldAt = performance.now();
      print(progress(total, startedAt, workers));
    },
  });
  print(progress(total, startedAt, workers));
  if (broken.length === 0) {
    print(`The ten rules held in ${total.seeds} seeds from ${first} on.`);
    return exitCodes.held;
  }
  const seeds = broken.map(({ seed }) => seed).toSorted((one, other) => one - other);
  print(`${broken.length} of ${total.seeds} seeds broke a rule: ${seeds.slice(0, 50).join(", ")}`);
  print(`Read one: npm run sim -- --seed ${seeds[0]}`);
  return exitCodes.broken;
}

interface Total {
  seeds: number;
  lives: number;
  events: number;
  processorMs: number;
}

/** By the clock, and by the time that the workers' processors spent, their start included: other work here counts in the first. */
function progress({ seeds, lives, events, processorMs }: Total, startedAt: number, workers: number): string {
  const seconds = (performance.now() - startedAt) / 1_000;
  const rate = (by: number) => (lives / by).toFixed(0);
  const byClock = `in ${seconds.toFixed(1)} s, ${rate(seconds)} lives/s on ${workers} workers`;
  const ofProcessors = processorMs / 1_000;
  const byProcessor = `${ofProcessors.toFixed(1)} s of processors, ${rate(ofProcessors)} lives/s of one`;
  return `${seeds} seeds, ${lives} lives, ${events} events ${byClock}; ${byProcessor}`;
}

async function replay({ seed, canary }: Extract<Asked, { what: "replay" }>): Promise<number> {
  const { canaryNamed } = await import("./canaries/canaries.ts");
  const { runSeed } = await import("./run-seed.ts");
  const { D1Storage } = await import("./storage/simulated-d1.ts");
  const { quietProcess } = await import("./quiet-process.ts");
  const { installGlobals } = await import("./time/globals.ts");
  quietProcess();
  installGlobals();
  const options = {
    seed,
    storage: new D1Storage(),
    write: print,
    canary: canary === null ? null : canaryNamed(canary),
  };
  const { breaches } = await runSeed(options);
  print(breaches.length === 0 ? "The ten rules held." : breaches.map(lineOf).join("\n"));
  return breaches.length === 0 ? exitCodes.held : exitCodes.broken;
}

async function runCanaries({ count, workers, names }: Extract<Asked, { what: "canaries" }>): Promise<number> {
  const { canaries, canaryNamed } = await import("./canaries/canaries.ts");
  const chosen = names.length === 0 ? canaries : names.map(canaryNamed);
  const waiting = [...chosen];
  let missed = 0;
  await runPool({
    workers,
    next: () => {
      const canary = waiting.shift();
      return canary === undefined ? null : { first: 1, count, canary: canary.name };
    },
    onDone: ({ canary }, results) => {
      const { name, rule } = canaryNamed(canary ?? "");
      const last = results.at(-1);
      const how = last?.breaches.find((breach) => breach.rule === rule);
      if (how === undefined) missed += 1;
      print(
        last === undefined || how === undefined
          ? `missed ${name}: rule ${rule} held in ${count} seeds`
          : `caught ${name} by seed ${last.seed}: ${lineOf(how)}`,
      );
    },
  });
  print(`${chosen.length - missed} of ${chosen.length} canaries were caught.`);
  return missed === 0 ? exitCodes.held : exitCodes.broken;
}

async function main(): Promise<number> {
  const asked = ask();
  switch (asked?.what) {
    case undefined:
      return exitCodes.notUnderstood;
    case "seeds":
      return await runSeeds(asked);
    case "replay":
      return await replay(asked);
    case "canaries":
      return await runCanaries(asked);
  }
}

process.exit(await main());
