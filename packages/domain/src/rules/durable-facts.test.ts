import { describe, expect, it } from "vitest";

import {
  breachesOf,
  completedRecord,
  runningRecord,
  systemRecord,
  withLast,
  withNodes,
  withTasks,
} from "../testing/rule-records.ts";
import { checkSystem, checkTask } from "./check.ts";

describe("what a retry or a cleanup depends on is durable", () => {
  it("holds for a task that works, for one that was completed, and for a system at rest", () => {
    expect(breachesOf(checkTask(runningRecord()), 3)).toEqual([]);
    expect(breachesOf(checkTask(completedRecord()), 3)).toEqual([]);
    expect(breachesOf(checkSystem(systemRecord()), 3)).toEqual([]);
  });

  it("is broken by a transition that was forgotten", () => {
    const record = completedRecord();
    const transitions = record.transitions.filter(({ to }) => to !== "running");
    expect(breachesOf(checkTask({ ...record, transitions }), 3)).toContain(
      "a transition from running, not from agent_session",
    );
    const untold = { ...record, transitions: record.transitions.slice(0, -1) };
    expect(breachesOf(checkTask(untold), 3)[0]).toContain("and its log ends with delivery");
  });

  it("is broken by a task that works, or owes an effect, and never looks again", () => {
    expect(breachesOf(checkTask(withLast(runningRecord(), { alarmAt: null })), 3)[0]).toContain("and has no alarm");
    const record = withLast(completedRecord(), { alarmAt: null });
    expect(breachesOf(checkTask(record), 3)).toEqual([]);
    const effects = [{ key: "effect-9", kind: "release_node", doneAt: null }] as const;
    expect(breachesOf(checkTask({ ...record, effects }), 3)[0]).toContain("owes effect-9 (release_node)");
  });

  it("is broken by a row without a runner, and by a runner without a row", () => {
    const record = systemRecord();
    expect(breachesOf(checkSystem({ ...record, tasks: [] }), 3)).toEqual([
      "its row says completed, and no runner knows it",
    ]);
    expect(breachesOf(checkSystem({ ...record, taskRows: [] }), 3)).toEqual([
      "its runner says completed, and it has no row",
    ]);
    expect(breachesOf(checkSystem({ ...record, nodes: [] }), 3)).toEqual([
      "its row says warm, and no NodeLifecycle knows it",
    ]);
    expect(breachesOf(checkSystem({ ...record, nodeRows: [] }), 3)).toEqual(["it is warm, without a row"]);
  });

  it("is broken by a task or a node that is not over and sleeps for ever", () => {
    const record = systemRecord();
    expect(breachesOf(checkSystem(withNodes(record, { alarmAt: null })), 3)).toEqual(["it is warm, and has no alarm"]);
    const asleep = withTasks(record, { step: "running", alarmAt: null });
    expect(breachesOf(checkSystem(asleep), 3)).toEqual(["it is running, and has no alarm"]);
  });
});
