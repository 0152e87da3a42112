/** What the simulator is asked for on its command line. */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

export type Asked =
  /** Seeds from `first` on: so many, or for as many minutes. */
  | {
      readonly what: "seeds";
      readonly first: number;
      readonly count: number;
      readonly minutes: number | null;
      readonly workers: number;
    }
  /** One seed, with its trace. */
  | { readonly what: "replay"; readonly seed: number; readonly canary: string | null }
  /** Every canary, each until it is caught. */
  | { readonly what: "canaries"; readonly count: number; readonly workers: number; readonly names: readonly string[] };

export const usage = `npm run sim -- --seeds N [--first S] [--workers W]   runs N seeds from S on (1)
npm run sim -- --minutes M [--first S]               runs seeds for M minutes
npm run sim -- --seed S [--canary NAME]              replays one seed, with a trace to read
npm run sim -- --canaries [--seeds N] [NAME…]        breaks the logic on purpose; each must be caught within N seeds (2000)
Exit code 0: the ten rules held, or every canary was caught; 1: not; 64: not understood.`;

/** @throws TypeError with what is wrong. */
export function readCommandLine(args: readonly string[]): Asked {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: "string" },
      first: { type: "string" },
      seed: { type: "string" },
      minutes: { type: "string" },
      workers: { type: "string" },
      canary: { type: "string" },
      canaries: { type: "boolean" },
    },
    allowPositionals: true,
  });
  const workers = number("workers", values.workers) ?? Math.min(availableParallelism(), 8);
  const seed = number("seed", values.seed);
  if (seed !== null) return { what: "replay", seed, canary: values.canary ?? null };
  if (values.canaries === true) {
    return { what: "canaries", count: number("seeds", values.seeds) ?? 2_000, workers, names: positionals };
  }
  const minutes = number("minutes", values.minutes);
  const count = number("seeds", values.seeds) ?? (minutes === null ? null : Number.MAX_SAFE_INTEGER);
  if (count === null) throw new TypeError("nothing to run was named");
  return { what: "seeds", first: number("first", values.first) ?? 1, count, minutes, workers };
}

function number(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new TypeError(`--${name} is no number above 0: ${text}`);
}
