/** What a run of chaos is asked for on its command line. */
import { parseArgs } from "node:util";

export interface ChaosOptions {
  /** Draws the work, the faults, their victims and the pauses between them. */
  readonly seed: number;
  /** How long faults are thrown in. */
  readonly minutes: number;
  /** How many tasks there are at once; where one ends, another is submitted. */
  readonly tasks: number;
  /** The longest pause between two faults. */
  readonly pauseMs: number;
  /** Where the report is written as JSON; null: nowhere. */
  readonly report: string | null;
  /** Keeps what a good run leaves behind, as that of a bad one is kept. */
  readonly keeps: boolean;
}

export const usage = `npm run chaos -- [--seed S] [--minutes M] [--tasks N] [--pause MS] [--report FILE] [--keep]
  --seed     what is drawn from; default: another one each time, which is printed
  --minutes  how long faults are thrown in; default: 1
  --tasks    how many tasks there are at once; default: 24
  --pause    the longest pause between two faults, in milliseconds; default: 2500
  --report   writes the report as JSON, too
  --keep     keeps the folder of a good run, too`;

/** @throws RangeError saying what is wrong with the command line. */
export function readOptions(args: readonly string[], now: number): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string", default: String(now % 1_000_000) },
      minutes: { type: "string", default: "1" },
      tasks: { type: "string", default: "24" },
      pause: { type: "string", default: "2500" },
      report: { type: "string" },
      keep: { type: "boolean", default: false },
    },
  });
  return {
    seed: number("seed", values.seed, 0, Number.isInteger),
    minutes: number("minutes", values.minutes, 0.1),
    tasks: number("tasks", values.tasks, 1, Number.isInteger),
    pauseMs: number("pause", values.pause, 1, Number.isInteger),
    report: values.report ?? null,
    keeps: values.keep,
  };
}

function number(name: string, text: string, least: number, isRight: (value: number) => boolean = Number.isFinite) {
  const value = Number(text);
  if (text.trim() !== "" && isRight(value) && value >= least) return value;
  throw new RangeError(`--${name} must be a number of at least ${least}; it is ${JSON.stringify(text)}`);
}

/** @returns the command that does the same again. */
export function commandOf({ seed, minutes, tasks, pauseMs }: ChaosOptions): string {
  return `npm run chaos -- --seed ${seed} --minutes ${minutes} --tasks ${tasks} --pause ${pauseMs}`;
}
