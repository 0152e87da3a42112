import { describe, expect, it } from "vitest";

import {
  breachesOf,
  completedRecord,
  runningRecord,
  systemRecord,
  withLast,
  withTasks,
} from "../testing/rule-records.ts";
import { checkSystem, checkTask } from "./check.ts";
import { lastState, type TaskRecord } from "./task-record.ts";

function withClocks(record: TaskRecord, change: object): TaskRecord {
  const state = lastState(record);
  return state === null ? record : withLast(record, { clocks: { ...state.clocks, ...change } });
}

describe("three clocks, never one", () => {
  it("holds for a task that works, and for one that was completed", () => {
    expect(breachesOf(checkTask(runningRecord()), 1)).toEqual([]);
    expect(breachesOf(checkTask(completedRecord()), 1)).toEqual([]);
  });

  it("is broken by a poll that makes its step look younger", () => {
    const record = runningRecord();
    const broken = withClocks(record, { inStateSince: record.readAt });
    expect(breachesOf(checkTask(broken), 1)[0]).toContain("it was said to be in running since");
  });

  it("is broken by a heartbeat that counts as progress", () => {
    const record = runningRecord();
    const beat = record.events?.find(({ type }) => type === "contact")?.at ?? 0;
    expect(breachesOf(checkTask(withClocks(record, { lastProgressAt: beat })), 1)[0]).toContain(
      "happened then is: contact",
    );
    expect(breachesOf(checkTask(withClocks(record, { lastProgressAt: 5 })), 1)[0]).toContain(
      "happened then is: nothing",
    );
  });

  it("is broken by a contact that is taken back", () => {
    expect(breachesOf(checkTask(withClocks(runningRecord(), { lastContactAt: null })), 1)[0]).toContain("to never");
  });

  it("is broken by a clock that moves after the end, and by one that stops before", () => {
    const ended = completedRecord();
    const moved = breachesOf(checkTask(withClocks(ended, { lastContactAt: ended.readAt })), 1);
    expect(moved[0]).toContain("after its end as completed its clocks went from");
    expect(breachesOf(checkTask(withClocks(ended, { frozenAt: null })), 1)[0]).toContain("its clocks run on");
    const frozen = withClocks(runningRecord(), { frozenAt: ended.readAt });
    expect(breachesOf(checkTask(frozen), 1)).toContain("its clocks are frozen in running");
  });

  it("is broken by an ended task of a system whose clocks run on", () => {
    const record = systemRecord();
    expect(breachesOf(checkSystem(record), 1)).toEqual([]);
    const clocks = { inStateSince: 1, lastProgressAt: null, lastContactAt: null, frozenAt: null };
    expect(breachesOf(checkSystem(withTasks(record, { clocks })), 1)[0]).toContain("its clocks run on");
  });
});
