/**
 * Three clocks, never one. All are milliseconds since 1970, stamped by the control plane.
 * - `inStateSince` moves only when the step changes.
 * - `lastProgressAt` moves only on evidence that the work itself moved.
 * - `lastContactAt` moves on heartbeats and polls, and moves nothing else.
 */
export interface Clocks {
  readonly inStateSince: number;
  readonly lastProgressAt: number | null;
  readonly lastContactAt: number | null;
  /** Set at the end; from then on no clock moves. */
  readonly frozenAt: number | null;
}

export function startClocks(now: number): Clocks {
  return { inStateSince: now, lastProgressAt: null, lastContactAt: null, frozenAt: null };
}

export function enterState(clocks: Clocks, now: number, final: boolean): Clocks {
  return { ...clocks, inStateSince: now, lastProgressAt: null, frozenAt: final ? now : null };
}

export function noteProgress(clocks: Clocks, now: number): Clocks {
  return clocks.frozenAt === null ? { ...clocks, lastProgressAt: now } : clocks;
}

export function noteContact(clocks: Clocks, now: number): Clocks {
  return clocks.frozenAt === null ? { ...clocks, lastContactAt: Math.max(now, clocks.lastContactAt ?? 0) } : clocks;
}
