import { describe, expect, it } from "vitest";

import { cancelledRecord, completedRecord, runningRecord, systemRecord, withLast } from "../testing/rule-records.ts";
import { breachLines, checkSystem, checkTask, rules, together } from "./check.ts";
import { ruleNames } from "./rule.ts";

describe("a check of the ten rules", () => {
  it("knows each rule once, in the order of their numbers", () => {
    expect(rules.map(({ number }) => number)).toEqual(Object.keys(ruleNames).map(Number));
  });

  it("finds nothing wrong with lives that were decided, and has looked at every clause", () => {
    for (const record of [runningRecord(), completedRecord(), cancelledRecord()]) {
      const reports = checkTask(record);
      expect(breachLines(reports)).toEqual([]);
      expect(reports.flatMap(({ notChecked }) => notChecked)).toEqual([]);
    }
    const reports = checkSystem(systemRecord());
    expect(breachLines(reports)).toEqual([]);
    expect(reports.flatMap(({ notChecked }) => notChecked)).toEqual([]);
  });

  it("looks at nothing that JSON would lose", () => {
    expect(JSON.parse(JSON.stringify(completedRecord()))).toEqual(completedRecord());
    expect(JSON.parse(JSON.stringify(systemRecord()))).toEqual(systemRecord());
  });

  it("says what it could not check, and never that it holds", () => {
    const { taskId, readAt, graceMs, transitions } = completedRecord();
    const reports = checkTask({ taskId, readAt, graceMs, transitions, sights: [] });
    expect(breachLines(reports)).toEqual([]);
    const [clocks] = reports;
    expect(clocks?.checked).toEqual([]);
    expect(clocks?.notChecked[0]).toEqual({
      clause: "in state since is the time of the step's transition, and stays it",
      lacks: "its clocks at any moment",
    });
    const { at, installationId, tasks } = systemRecord();
    const [running] = checkSystem({ at, installationId, tasks, graceMs }).filter(({ rule }) => rule === 9);
    expect(running?.notChecked.map(({ lacks }) => lacks)).toContain("the process table");
  });

  it("adds reports up: what one of them could check was checked", () => {
    const { taskId, readAt, graceMs, transitions } = completedRecord();
    const blind = checkTask({ taskId, readAt, graceMs, transitions, sights: [] });
    const all = together(blind, checkTask(completedRecord()));
    expect(all.flatMap(({ notChecked }) => notChecked)).toEqual([]);
    expect(all).toHaveLength(rules.length);
  });

  it("prints a breach with its rule, and whom it is about", () => {
    const record = withLast(runningRecord(), { deadlineAt: null });
    const [line] = breachLines(checkTask(record));
    expect(line).toBe(
      `rule 2, every step has a deadline, an owner, a cancel edge and a consequence: ${record.taskId}: it is running, without a deadline`,
    );
  });
});
