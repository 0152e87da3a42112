import { describe, expect, it } from "vitest";

import {
  breachesOf,
  cancelledRecord,
  completedRecord,
  systemRecord,
  withLast,
  withTasks,
} from "../testing/rule-records.ts";
import { goodDelivery } from "../testing/task-life.ts";
import { noVerdicts, type Verdicts } from "../verdicts.ts";
import { checkSystem, checkTask } from "./check.ts";
import { lastState } from "./task-record.ts";

const ended = { holds: true, stopReason: "end_turn", detail: "" };
const good: Verdicts = { ended, ...goodDelivery };
const { produced, checked, pushed } = goodDelivery;

const lies: readonly [string, Partial<Verdicts>, string][] = [
  ["whose turn never ended", { ended: null }, "completed, but the turn never ended"],
  ["that nobody looked at", { produced: null }, "completed, but nobody looked at what was produced"],
  ["whose check failed", { checked: checked && { ...checked, outcome: "failed" } }, "completed, but the check failed"],
  [
    "whose check passed by exit code 3",
    { checked: checked && { ...checked, exitCode: 3 } },
    "checked, with exit code 3",
  ],
  ["that is nowhere", { pushed: null }, "completed, but what was produced is not at the remote"],
  ["that pushed something else", { pushed: pushed && { ...pushed, commit: "bad" } }, "pushed bad, and produced c0ffee"],
  [
    "of no commit",
    { produced: produced && { ...produced, commits: 0, files: 0 } },
    "produced, in no commit and no file",
  ],
];

describe("ended is not done", () => {
  it("holds for a task that was completed, for one that was cancelled, and for a system at rest", () => {
    expect(breachesOf(checkTask(completedRecord()), 7)).toEqual([]);
    expect(breachesOf(checkTask(cancelledRecord()), 7)).toEqual([]);
    expect(breachesOf(checkSystem(systemRecord()), 7)).toEqual([]);
  });

  it.each(lies)("is broken by a completed task %s", (_what, change, breach) => {
    const verdicts = { ...good, ...change };
    expect(breachesOf(checkTask(withLast(completedRecord(), { verdicts })), 7)).toContain(breach);
    expect(breachesOf(checkSystem(withTasks(systemRecord(), { verdicts })), 7)).toContain(breach);
  });

  it("is broken by a failure without a reason of the list, or without evidence", () => {
    const failed = (failure: { reason: string; evidence: string } | null) =>
      breachesOf(checkTask(withLast(completedRecord(), { step: "failed", failure })), 7);
    expect(failed(null)).toContain("it is failed, for no reason");
    expect(failed({ reason: "mishap", evidence: "x" })).toContain(
      "it failed for the reason mishap, which is not of the closed list",
    );
    expect(failed({ reason: "node_lost", evidence: " " })).toContain(
      "it failed for the reason node_lost, without evidence",
    );
  });

  it("is broken by green without evidence", () => {
    const record = completedRecord();
    const row = record.row && { ...record.row, colour: "green" as const };
    const empty = withLast(record, { verdicts: { ...noVerdicts, ended } });
    expect(row === undefined ? [] : breachesOf(checkTask({ ...empty, row }), 7)).toContain(
      "it is green, and its verdicts are amber",
    );
  });

  it("is broken by a push that the remote does not list", () => {
    const record = systemRecord();
    const url = lastState(completedRecord())?.repository.url;
    expect(breachesOf(checkSystem({ ...record, refs: [] }), 7)).toEqual([
      `it is said to have pushed c0ffee to refs/heads/sam/fix of ${url}, which lists no such ref`,
    ]);
    const refs = record.refs?.map((ref) => ({ ...ref, commit: "0ther" })) ?? [];
    expect(breachesOf(checkSystem({ ...record, refs }), 7)[0]).toContain("which lists 0ther");
  });
});
