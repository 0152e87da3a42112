/**
 * An outage is a span in which the whole control plane was off, as on a laptop whose lid was shut: `sam down`, a
 * power cut. Nobody could have made progress in it, so deadlines move by its length; the three clocks do not.
 * On Cloudflare there are none.
 */
export interface Outage {
  readonly from: number;
  readonly to: number;
}

/**
 * Moves a deadline by the outages that ended after `seenUntil`, each by the part of it that was not yet counted. Where
 * two overlap, the time that they share counts once.
 * @returns the deadline in milliseconds since 1970.
 */
export function pushBack(deadlineAt: number | null, outages: readonly Outage[], seenUntil: number): number | null {
  if (deadlineAt === null) return null;
  let at = deadlineAt;
  let countedUntil = seenUntil;
  for (const { from, to } of unseen(outages, seenUntil)) {
    at += Math.max(0, to - Math.max(from, countedUntil));
    countedUntil = Math.max(countedUntil, to);
  }
  return at;
}

/** @returns the outages that ended after `seenUntil`, in the order in which they began. */
export function unseen(outages: readonly Outage[], seenUntil: number): readonly Outage[] {
  return outages
    .filter((outage) => outage.to > seenUntil && outage.to > outage.from)
    .toSorted((one, other) => one.from - other.from);
}
