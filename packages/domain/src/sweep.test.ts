import { describe, expect, it } from "vitest";

import { defaultSettings } from "./settings.ts";
import {
  endingDecision,
  submissionDecision,
  submissionsLookedAtAfterMs,
  submissionsUnderWayMs,
  sweepDecision,
  type OwnerSays,
  type SweptRow,
} from "./sweep.ts";

const now = Date.UTC(2026, 0, 5, 14, 2);
const graceMs = 60_000;
const old = now - 2 * graceMs;
const soon = now + 1_000;

/** A row past its deadline and grace; a runner in the same step, with an alarm set and its own deadline to come. */
const row: SweptRow = { step: "running", final: false, deadlineAt: old };
const owner = { kind: "state", step: "running", final: false, deadlineAt: soon, alarmAt: soon, nextAt: soon } as const;
const decide = (rowChange: Partial<SweptRow>, says: OwnerSays) =>
  sweepDecision({ ...row, ...rowChange }, says, now, graceMs).do;

describe("the sweep", () => {
  it("leaves a runner that goes on: same step, an alarm set, its own deadline to come", () => {
    expect(decide({}, owner)).toBe("leave");
    expect(decide({}, { ...owner, deadlineAt: null })).toBe("leave");
  });

  it("sets a lost alarm again: none, one that is long overdue, or one that lies behind a deadline long past", () => {
    expect(decide({}, { ...owner, alarmAt: null })).toBe("set_alarm_again");
    expect(decide({}, { ...owner, alarmAt: old })).toBe("set_alarm_again");
    expect(decide({}, { ...owner, deadlineAt: old, alarmAt: now + 3_600_000 })).toBe("set_alarm_again");
  });

  it("gives an alarm that is only just due its grace", () => {
    expect(decide({}, { ...owner, alarmAt: now - 1_000, deadlineAt: now - 1_000 })).toBe("leave");
  });

  it("writes the projection again where the row is behind its runner", () => {
    expect(decide({}, { ...owner, step: "delivery" })).toBe("project_again");
    expect(decide({}, { ...owner, step: "completed", final: true, alarmAt: null })).toBe("project_again");
  });

  it("fails a row whose runner has no state, once it is past its deadline and grace", () => {
    expect(decide({}, { kind: "no_state" })).toBe("fail_row");
    expect(decide({ deadlineAt: now - graceMs + 1 }, { kind: "no_state" })).toBe("leave");
    expect(decide({ deadlineAt: null }, { kind: "no_state" })).toBe("leave");
  });

  it("fails a row whose runner could not be reached three times in a row, and not before", () => {
    const unreachable = (sweepsInARow: number) => ({ kind: "unreachable", sweepsInARow }) as const;
    expect([1, 2, 3].map((sweeps) => decide({}, unreachable(sweeps)))).toEqual(["leave", "leave", "fail_row"]);
    expect(decide({ deadlineAt: soon }, unreachable(9))).toBe("leave");
  });

  it("reports a final row whose runner goes on as the bug that it is", () => {
    expect(decide({ step: "failed", final: true }, owner)).toBe("report_bug");
    expect(decide({ step: "failed", final: true }, { ...owner, final: true })).toBe("leave");
  });
});

describe("the sweep of what has ended", () => {
  const ended = { ...owner, step: "completed", final: true, deadlineAt: null, alarmAt: null, nextAt: null } as const;
  const decideEnd = (says: OwnerSays, isEndedBySweep = false) =>
    endingDecision({ isEndedBySweep }, says, now, graceMs).do;

  it("leaves what owes nothing, and what its alarm stands behind, if only just due", () => {
    expect(decideEnd(ended)).toBe("leave");
    expect(decideEnd({ ...ended, nextAt: old, alarmAt: soon })).toBe("leave");
    expect(decideEnd({ ...ended, nextAt: old, alarmAt: now - 1_000 })).toBe("leave");
  });

  it("tells to look what owes something, and has no alarm or one that is long past", () => {
    expect(decideEnd({ ...ended, nextAt: soon })).toBe("look_again");
    expect(decideEnd({ ...ended, nextAt: old })).toBe("look_again");
    expect(decideEnd({ ...ended, nextAt: old, alarmAt: old })).toBe("look_again");
  });

  it("tells an owner to look that goes on though the sweep has ended its row; of any other that is a bug", () => {
    expect(decideEnd(owner, true)).toBe("look_again");
    expect(decideEnd(owner)).toBe("report_bug");
  });

  it("leaves a row whose owner has no state or cannot be reached: nothing of it is known to be owed", () => {
    expect(decideEnd({ kind: "no_state" })).toBe("leave");
    expect(decideEnd({ kind: "unreachable", sweepsInARow: 9 })).toBe("leave");
  });
});

describe("the sweep of submissions whose task has no row", () => {
  const decideOn = (says: OwnerSays, at = old) => submissionDecision({ at }, says, now, graceMs).do;
  const accepted = { ...owner, step: "node_selection" } as const;

  it("leaves a runner that goes on, and one that owes nothing: they write their row, or have", () => {
    expect(decideOn(accepted)).toBe("leave");
    expect(decideOn({ ...accepted, alarmAt: now - 1_000 })).toBe("leave");
    expect(decideOn({ ...accepted, step: "failed", final: true, alarmAt: null, nextAt: null })).toBe("leave");
  });

  it("tells one to look that has accepted and has no alarm, or one that is long past, in a final step too", () => {
    expect(decideOn({ ...accepted, alarmAt: null })).toBe("look_again");
    expect(decideOn({ ...accepted, alarmAt: old })).toBe("look_again");
    expect(decideOn({ ...accepted, deadlineAt: old, alarmAt: now + 3_600_000 })).toBe("look_again");
    expect(decideOn({ ...accepted, step: "failed", final: true, deadlineAt: null, alarmAt: null })).toBe("look_again");
  });

  it("forgets one whose runner has no state, once it cannot be under way any more", () => {
    expect(decideOn({ kind: "no_state" }, now - submissionsUnderWayMs + 1)).toBe("leave");
    expect(decideOn({ kind: "no_state" }, now - submissionsUnderWayMs)).toBe("forget");
  });

  it("comes long before a task's first deadline, so that what it finds can go on", () => {
    expect(submissionsLookedAtAfterMs).toBeLessThanOrEqual(defaultSettings.nodeSelectionMs / 10);
  });

  it("leaves one whose runner cannot be reached: what it accepted is not known", () => {
    expect(decideOn({ kind: "unreachable", sweepsInARow: 9 }, now - 2 * submissionsUnderWayMs)).toBe("leave");
  });
});
