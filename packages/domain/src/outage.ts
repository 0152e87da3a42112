/**
 * An outage is a span in which the whole control plane was off, as on a laptop whose lid was shut: `sam down`, a
 * power cut. Nobody could have made progress in it, so deadlines move by its length; the three clocks do not.
 * On Cloudflare there are none.
 */
export interface Outage {
  readonly from: number;
  readonly to: number;
}

/** Applies the outages that began after `seenUntil` to a deadline which was set before they began. */
export function pushBack(deadlineAt: number | null, outages: readonly Outage[], seenUntil: number): number | null {
  if (deadlineAt === null) return null;
  return unseen(outages, seenUntil).reduce((at, outage) => at + (outage.to - outage.from), deadlineAt);
}

export function unseen(outages: readonly Outage[], seenUntil: number): readonly Outage[] {
  return outages.filter((outage) => outage.from >= seenUntil && outage.to > outage.from);
}
