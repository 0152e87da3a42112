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
  return goesOn(owner, now, graceMs) ? { do: "leave" } : { do: "set_alarm_again" };
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

/** A submission whose task has no row. */
export interface SubmissionRow {
  /** When a user asked for it last. */
  readonly at: number;
}

export type SubmissionDecision =
  | { readonly do: "leave" }
  | { readonly do: "forget" }
  | { readonly do: "look_again"; readonly why: string };

/**
 * A submission that is younger than this may have its row written at this moment. Much less than what a task has for its
 * first step, so that one which is found goes on from there, and is not merely ended.
 */
export const submissionsLookedAtAfterMs = 5 * 1000;

/** A submission that is older than this is not on its way any more: its runner was reached within seconds, or never. */
export const submissionsUnderWayMs = 60 * 60 * 1000;

/** A runner that accepted owes its first row, and its alarm stands behind that. One that has no state accepted nothing yet. */
export function submissionDecision(
  row: SubmissionRow,
  owner: OwnerSays,
  now: number,
  graceMs: number,
): SubmissionDecision {
  switch (owner.kind) {
    case "unreachable":
      return { do: "leave" };
    case "no_state":
      return row.at + submissionsUnderWayMs <= now ? { do: "forget" } : { do: "leave" };
    case "state": {
      // What owes nothing has written its row meanwhile.
      if (owner.nextAt === null || goesOn(owner, now, graceMs)) return { do: "leave" };
      const why = owner.alarmAt === null ? "no alarm is set" : "its alarm or its deadline is long past";
      return { do: "look_again", why: `it is in ${owner.step}: ${why}` };
    }
  }
}

/** An alarm stands behind what it does next, and its deadline is not long past. */
function goesOn({ alarmAt, deadlineAt }: Extract<OwnerSays, { kind: "state" }>, now: number, graceMs: number): boolean {
  return isSet(alarmAt, now, graceMs) && (deadlineAt === null || deadlineAt + graceMs > now);
}

/** One that is only just due is only late. */
function isSet(alarmAt: number | null, now: number, graceMs: number): boolean {
  return alarmAt !== null && alarmAt + graceMs > now;
}
