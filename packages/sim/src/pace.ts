/**
 * The pace of a world. Every tenth seed is unhurried: VM agents beat as often as ever, every part of the sweep runs, and the
 * provider has other customers. The others leave out what happens again and again and changes nothing in a schedule, so
 * that more schedules are lived in the same time.
 */
import { heartbeatIntervalMs } from "@sam/protocol/version";

export interface Pace {
  /** What a welcome tells a VM agent. */
  readonly heartbeatMs: number;
  /** Between two looks of a VM agent at what it has to say again. */
  readonly tendMs: number;
  /** Whether the sweep looks for what this world never has: expired tokens, and reports of a month ago. */
  readonly sweepsEverything: boolean;
  readonly otherCustomers: boolean;
}

const unhurried: Pace = {
  heartbeatMs: heartbeatIntervalMs,
  tendMs: 10_000,
  sweepsEverything: true,
  otherCustomers: true,
};
const brisk: Pace = {
  heartbeatMs: 3 * heartbeatIntervalMs,
  tendMs: 30_000,
  sweepsEverything: false,
  otherCustomers: false,
};

export function paceOf(seed: number): Pace {
  return seed % 10 === 0 ? unhurried : brisk;
}
