/** Figures of several runs. A single run is an anecdote; a ratio of medians of the same minute is a measurement. */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const value = sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(fraction * sorted.length) - 1))];
  if (value === undefined) throw new RangeError("no values were measured");
  return value;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** One line of the report: what was measured, over what, and the bound that the project set itself. */
export interface Figure {
  readonly name: string;
  readonly measured: number;
  readonly baseline: number;
  readonly unit: string;
  readonly baselineName: string;
  /** The ratio must not be above this; null where the ratio is only reported. */
  readonly atMost: number | null;
  /** The ratio must be exactly this. */
  readonly exactly?: number;
  readonly runs: number;
}

export function ratioOf(figure: Figure): number {
  return figure.measured / figure.baseline;
}

export function holds(figure: Figure): boolean {
  if (figure.exactly !== undefined) return ratioOf(figure) === figure.exactly;
  return figure.atMost === null || ratioOf(figure) <= figure.atMost;
}

export function inTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { name, measured, baseline, unit, baselineName, atMost, exactly, runs } = figure;
    const bound = exactly !== undefined ? `exactly ${exactly}` : atMost === null ? "–" : `at most ${atMost}`;
    const verdict = holds(figure) ? "" : " **not met**";
    const shown = (value: number) => `${value >= 100 ? Math.round(value) : Number(value.toPrecision(3))} ${unit}`;
    const cells = [name, shown(measured), `${shown(baseline)} (${baselineName})`, ratioOf(figure).toFixed(2)];
    return `| ${[...cells, `${bound}${verdict}`, runs].join(" | ")} |`;
  });
  return ["| measured | SAM | baseline | ratio | bound | n |", "|---|---|---|---|---|---|", ...rows].join("\n");
}
