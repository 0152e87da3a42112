import { describe, expect, it } from "vitest";

import { breachesOf, completedRecord, systemRecord, withNodes } from "../testing/rule-records.ts";
import { checkSystem, checkTask } from "./check.ts";
import type { TaskRecord, TaskRowRecord } from "./task-record.ts";

function withRow(record: TaskRecord, change: Partial<TaskRowRecord>): TaskRecord {
  return record.row === undefined ? record : { ...record, row: { ...record.row, ...change } };
}

describe("the row is a projection of its runner, and only of it", () => {
  it("holds for a task that was completed, and for a system at rest", () => {
    expect(breachesOf(checkTask(completedRecord()), 5)).toEqual([]);
    expect(breachesOf(checkSystem(systemRecord()), 5)).toEqual([]);
  });

  it("is broken by a row that is written again, or left out", () => {
    const record = completedRecord();
    const changes = record.rowChanges ?? [];
    const again = [...changes, ...changes.slice(-1)];
    expect(breachesOf(checkTask({ ...record, rowChanges: again }), 5)).toHaveLength(1);
    expect(breachesOf(checkTask({ ...record, rowChanges: changes.slice(1) }), 5)).toHaveLength(1);
    const onItsWay = { ...record, rowChanges: changes.slice(0, -1) };
    expect(breachesOf(checkTask(onItsWay), 5)).toHaveLength(1);
    expect(breachesOf(checkTask({ ...onItsWay, graceMs: 60_000 }), 5)).toEqual([]);
  });

  it("is broken by a row that is dated by its write, and not by its transition", () => {
    const record = completedRecord();
    expect(breachesOf(checkTask(withRow(record, { updatedAt: record.readAt + 1 })), 5)[0]).toContain(
      "its row says moved at",
    );
  });

  it("is broken by a row that lags behind for longer than the grace", () => {
    const record = completedRecord();
    const late = withRow(record, { version: 3, step: "running" });
    expect(breachesOf(checkTask(late), 5)).toContain("its row says step running, its runner completed");
    expect(breachesOf(checkTask({ ...late, graceMs: 60_000 }), 5)).toEqual([]);
    expect(breachesOf(checkTask({ ...withRow(record, { version: 99 }), graceMs: 60_000 }), 5)).toHaveLength(1);
  });

  it("lets the sweep end the row of a task that could not be reached", () => {
    const record = completedRecord();
    const swept = { ...withRow(record, { writtenBy: "sweep" }), rowChanges: [] };
    expect(breachesOf(checkTask(swept), 5)).toEqual([]);
  });

  it("is broken by a row of a system that says something else than its owner", () => {
    const record = systemRecord();
    const taskRows = record.taskRows?.map((row) => ({ ...row, step: "failed" }) as const) ?? [];
    expect(breachesOf(checkSystem({ ...record, taskRows }), 5)).toEqual([
      "its row says step failed, its runner completed",
    ]);
    expect(breachesOf(checkSystem(withNodes(record, { state: "ready" })), 5)[0]).toContain(
      "its row says warm as version",
    );
  });
});
