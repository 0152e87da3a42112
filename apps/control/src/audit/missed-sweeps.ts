/** Sweeps that were missed: a gap between two that is longer than it should be, outages of the whole control plane taken off. */
import type { Outage } from "@sam/domain/outage";

import type { AuditDetail } from "./audit-fact.ts";

export const sweepIntervalMs = 60_000;
/** One late sweep is none that was missed. */
const toleratedMs = 2.5 * sweepIntervalMs;

/** @returns what was missed between two sweeps; null: nothing. While everything was off, nothing could be missed. */
export function missedSweeps(
  from: number,
  to: number,
  outages: readonly Outage[],
): AuditDetail<"sweeps_missed"> | null {
  const outageMs = offWithin(from, to, outages);
  const onMs = to - from - outageMs;
  if (onMs <= toleratedMs) return null;
  return { from, to, outageMs, missed: Math.floor(onMs / sweepIntervalMs) - 1 };
}

/** @returns for how long everything was off in that span; where two outages overlap, the time that they share counts once. */
export function offWithin(from: number, to: number, outages: readonly Outage[]): number {
  let counted = from;
  let offMs = 0;
  for (const outage of outages.toSorted((one, other) => one.from - other.from)) {
    const begins = Math.max(outage.from, counted);
    const ends = Math.min(outage.to, to);
    if (ends <= begins) continue;
    offMs += ends - begins;
    counted = ends;
  }
  return offMs;
}
