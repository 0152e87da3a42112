/**
 * The sweep's decisions: what a durable row says, held against what its owner says. Pure; the scheduled job reads the
 * rows, asks the owners, and does what this says.
 */

export type OwnerSays =
  | {
      readonly kind: "state";
      readonly step: string;
      readonly final: boolean;
      readonly deadlineAt: number | null;
      readonly alarmAt: number | null;
    }
  /** The object exists but has no facts. */
  | { readonly kind: "no_state" }
  | { readonly kind: "unreachable"; readonly sweepsInARow: number };

export interface SweptRow {
  readonly step: string;
  readonly final: boolean;
  readonly deadlineAt: number | null;
}

export type SweepDecision =
  | { readonly do: "leave" }
  | { readonly do: "project_again" }
  | { readonly do: "set_alarm_again" }
  | { readonly do: "fail_row"; readonly why: string }
  | { readonly do: "report_bug"; readonly why: string };

export const unreachableSweepsBeforeFailure = 3;

/** @param graceMs what a row may be past its deadline before it is doubted. */
export function sweepDecision(row: SweptRow, owner: OwnerSays, now: number, graceMs: number): SweepDecision {
  const pastDeadline = row.deadlineAt !== null && row.deadlineAt + graceMs <= now;
  switch (owner.kind) {
    case "state":
      return fromState(row, owner, now, graceMs);
    case "no_state":
      return pastDeadline ? { do: "fail_row", why: "its runner has no state" } : { do: "leave" };
    case "unreachable":
      return pastDeadline && owner.sweepsInARow >= unreachableSweepsBeforeFailure
        ? { do: "fail_row", why: `its runner could not be reached in ${owner.sweepsInARow} sweeps` }
        : { do: "leave" };
  }
}

function fromState(
  row: SweptRow,
  owner: Extract<OwnerSays, { kind: "state" }>,
  now: number,
  graceMs: number,
): SweepDecision {
  if (row.final) {
    return owner.final
      ? { do: "leave" }
      : { do: "report_bug", why: `the row is final, its runner is in ${owner.step}` };
  }
  if (owner.final || owner.step !== row.step) return { do: "project_again" };
  const alarmIsSet = owner.alarmAt !== null && owner.alarmAt + graceMs > now;
  const isInTime = owner.deadlineAt === null || owner.deadlineAt + graceMs > now;
  return alarmIsSet && isInTime ? { do: "leave" } : { do: "set_alarm_again" };
}
