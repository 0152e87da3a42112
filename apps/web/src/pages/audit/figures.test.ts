/** A figure says what it found, since when it is known, and whom to look at. */
import type { AuditView } from "@sam/protocol/audit-api";
import { describe, expect, it } from "vitest";

import { taskId } from "../../testing/task-rows.ts";
import { figuresOf } from "./figures.ts";

const from = Date.UTC(2026, 9, 26);
const minute = 60_000;

const good: AuditView = {
  from,
  to: from + 30 * 24 * 60 * minute,
  days: 30,
  outages: [],
  stuck: { since: from, tasks: [] },
  unowned: { since: null, resources: [] },
  repaired: { since: from, sentAgain: 0, deduplicated: 0, by: [] },
  silence: { since: from, longestMs: 0, spans: [] },
  sweeps: { since: from, missed: 0, gaps: [], lastAt: null },
};

describe("the figures of an audit", () => {
  it("are green where everything was looked at, and unknown where nobody looks yet", () => {
    expect(figuresOf(good).map(({ name, value, meaning }) => [name, value, meaning])).toEqual([
      ["Tasks stuck past a deadline", "none", "done"],
      ["Unowned resources found", "not recorded yet", "unknown"],
      ["Messages repaired", "none", "done"],
      ["Longest silence without an explanation", "none", "done"],
      ["Sweeps missed while SAM was on", "none", "done"],
    ]);
  });

  it("name the tasks behind them", () => {
    const late = {
      step: "running",
      deadlineAt: from,
      until: null,
      lateMs: 5 * minute,
      did: "set its alarm again",
    } as const;
    const [stuck] = figuresOf({ ...good, stuck: { since: from, tasks: [{ taskId, title: "Say hello", ...late }] } });
    expect(stuck).toMatchObject({ value: "1, the longest for 5 m", meaning: "yours" });
    expect(stuck?.behind).toMatchObject([{ taskId, name: "Say hello", text: expect.stringContaining("and still is") }]);
  });

  it("say of a repair that it is one, and not a fault", () => {
    const by = [{ subjectId: taskId, what: "deduplicated", count: 3, lastAt: from }] as const;
    const repaired = figuresOf({ ...good, repaired: { since: from, sentAgain: 0, deduplicated: 3, by: [...by] } })[2];
    expect(repaired).toMatchObject({ meaning: "done", value: "3: 0 sent again, 3 passed over as known" });
    expect(repaired?.behind).toMatchObject([{ taskId }]);
  });
});
