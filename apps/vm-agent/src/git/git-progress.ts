/** git's progress lines on stderr, read for their numbers alone: `Receiving objects: 45% (24/53), 1.20 MiB | 3.00 MiB/s`. */

export interface GitProgress {
  /** Bytes received so far; null where the line counts something else. */
  readonly bytes: number | null;
  /** Moves whenever git has done more. */
  readonly percent: number;
}

const units: Readonly<Record<string, number>> = { bytes: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** @returns a sink for stderr that tells `onProgress` the newest numbers, at most once in `intervalMs`. */
export function progressReader(
  intervalMs: number,
  onProgress: (progress: GitProgress) => void,
): (chunk: Buffer) => void {
  let rest = "";
  let toldMs = -Infinity;
  let told = "";
  return (chunk) => {
    const lines = (rest + chunk.toString("latin1")).split(/[\r\n]/);
    rest = (lines.pop() ?? "").slice(-500);
    const progress = lines.map(parseProgress).findLast((line) => line !== null);
    if (progress === undefined || progress === null) return;
    const key = `${progress.bytes ?? ""}/${progress.percent}`;
    if (key === told || performance.now() - toldMs < intervalMs) return;
    told = key;
    toldMs = performance.now();
    onProgress(progress);
  };
}

export function parseProgress(line: string): GitProgress | null {
  const match = /(\d+)% \(\d+\/\d+\)(?:, ([\d.]+) (bytes|KiB|MiB|GiB))?/.exec(line);
  if (match === null) return null;
  const [, percent = "0", amount, unit] = match;
  const bytes = amount === undefined || unit === undefined ? null : Math.round(Number(amount) * (units[unit] ?? 1));
  return { percent: Number(percent), bytes };
}
