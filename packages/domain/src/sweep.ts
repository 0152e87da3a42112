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
      /** When it has something to do next, of its own or in its outbox; null: it owes nothing. */
      readonly nextAt: number | null;
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
  const isInTime = owner.deadlineAt === null || owner.deadlineAt + graceMs > now;
  return isSet(owner.alarmAt, now, graceMs) && isInTime ? { do: "leave" } : { do: "set_alarm_again" };
}

/** A row that came to its end. */
export interface EndedRow {
  /** The sweep wrote its end, since its owner could not be reached. */
  readonly isEndedBySweep: boolean;
}

export type EndingDecision =
  | { readonly do: "leave" }
  | { readonly do: "look_again"; readonly why: string }
  | { readonly do: "report_bug"; readonly why: string };

/** What an object came to owe later than this after its end is its own alarm's alone to remember. */
export const endingsLookedAtMs = 2 * 60 * 60 * 1000;

/** What came to its end may owe something yet: an effect, a teardown, the removal of saved work. It is seen to by its alarm. */
export function endingDecision(row: EndedRow, owner: OwnerSays, now: number, graceMs: number): EndingDecision {
  if (owner.kind !== "state") return { do: "leave" };
  const { final, step, nextAt, alarmAt } = owner;
  if (!final) {
    return row.isEndedBySweep
      ? { do: "look_again", why: `the sweep ended its row, and it is in ${step}` }
      : { do: "report_bug", why: `the row is final, its owner is in ${step}` };
  }
  if (nextAt === null || isSet(alarmAt, now, graceMs)) return { do: "leave" };
  return { do: "look_again", why: alarmAt === null ? "no alarm is set" : "its alarm is long past" };
}

/** One that is only just due is only late. */
function isSet(alarmAt: number | null, now: number, graceMs: number): boolean {
  return alarmAt !== null && alarmAt + graceMs > now;
}
