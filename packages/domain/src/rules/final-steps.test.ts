import { describe, expect, it } from "vitest";

import { breachesOf, cancelledRecord, completedRecord, systemRecord, withLast } from "../testing/rule-records.ts";
import { noVerdicts } from "../verdicts.ts";
import { checkSystem, checkTask } from "./check.ts";

describe("a final step is final", () => {
  it("holds for a task that was completed, for one that was cancelled, and for a system at rest", () => {
    expect(breachesOf(checkTask(completedRecord()), 6)).toEqual([]);
    expect(breachesOf(checkTask(cancelledRecord()), 6)).toEqual([]);
    expect(breachesOf(checkSystem(systemRecord()), 6)).toEqual([]);
  });

  it("is broken by a late success over a cancel, and by a late failure over a success", () => {
    const cancelled = cancelledRecord();
    const late = { version: 99, from: "cancelled", to: "completed", at: cancelled.readAt, cause: "delivered" } as const;
    const overwritten = breachesOf(checkTask({ ...cancelled, transitions: [...cancelled.transitions, late] }), 6);
    expect(overwritten[0]).toContain("it ended as cancelled, and became completed at");
    expect(overwritten[1]).toContain("it was cancelled at");
    const completed = completedRecord();
    const failed = { version: 99, from: "completed", to: "failed", at: completed.readAt, cause: "watchdog" } as const;
    const transitions = [...completed.transitions, failed];
    expect(breachesOf(checkTask({ ...completed, transitions }), 6)[0]).toContain(
      "it ended as completed, and became failed",
    );
  });

  it("is broken by an end that later says something else", () => {
    const record = withLast(completedRecord(), { verdicts: noVerdicts });
    expect(breachesOf(checkTask(record), 6)[0]).toContain("its end said");
  });

  it("is broken by a row that ended while its runner goes on", () => {
    const record = systemRecord();
    const tasks = record.tasks.map((task) => ({ ...task, step: "running" }) as const);
    expect(breachesOf(checkSystem({ ...record, tasks }), 6)).toEqual([
      "its row ended as completed, and its runner is running",
    ]);
  });
});
