import { describe, expect, it } from "vitest";

import {
  breachesOf,
  cancelledRecord,
  runningRecord,
  systemRecord,
  withLast,
  withNodes,
  withTasks,
} from "../testing/rule-records.ts";
import { checkSystem, checkTask } from "./check.ts";

describe("every step has a deadline, an owner, a cancel edge and a consequence", () => {
  it("holds for a task that works, for one that was cancelled, and for a system at rest", () => {
    expect(breachesOf(checkTask(runningRecord()), 2)).toEqual([]);
    expect(breachesOf(checkTask(cancelledRecord()), 2)).toEqual([]);
    expect(breachesOf(checkSystem(systemRecord()), 2)).toEqual([]);
  });

  it("is broken by a step without a deadline", () => {
    expect(breachesOf(checkTask(withLast(runningRecord(), { deadlineAt: null })), 2)).toEqual([
      "it is running, without a deadline",
    ]);
  });

  it("is broken by a step that outlives its deadline, the grace aside", () => {
    const record = runningRecord();
    const late = withLast(record, { deadlineAt: record.readAt - 5_000 });
    expect(breachesOf(checkTask({ ...late, graceMs: 5_000 }), 2)).toEqual([]);
    expect(breachesOf(checkTask({ ...late, graceMs: 4_999 }), 2)[0]).toContain("still is running, whose deadline was");
  });

  it("is broken by a transition that the table does not have", () => {
    const record = runningRecord();
    const back = { version: 9, from: "running", to: "node_selection", at: record.readAt, cause: "a mistake" } as const;
    expect(breachesOf(checkTask({ ...record, transitions: [...record.transitions, back] }), 2)[0]).toContain(
      "running led to node_selection",
    );
  });

  it("is broken by a cancel that nobody heard", () => {
    const record = runningRecord();
    const events = [...(record.events ?? []), { at: record.readAt, type: "cancel_requested" } as const];
    expect(breachesOf(checkTask({ ...record, events }), 2)[0]).toContain("left it in running");
  });

  it("is broken by a task, a row or a node of a system that is overdue", () => {
    const record = systemRecord();
    const stuck = withTasks(record, { step: "delivery", deadlineAt: record.at - 1 });
    expect(breachesOf(checkSystem(stuck), 2)[0]).toContain("it still is delivery");
    const taskRows = record.taskRows?.map((row) => ({ ...row, step: "running", deadlineAt: null }) as const) ?? [];
    expect(breachesOf(checkSystem({ ...record, taskRows }), 2)).toEqual(["its row is running, without a deadline"]);
    expect(breachesOf(checkSystem(withNodes(record, { deadlineAt: record.at - 1 })), 2)[0]).toContain(
      "it still is warm",
    );
    expect(breachesOf(checkSystem(withNodes(record, { deadlineAt: null })), 2)).toEqual([
      "it is warm, without a deadline",
    ]);
  });
});
