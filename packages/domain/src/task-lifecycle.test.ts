import { describe, expect, it } from "vitest";

import { failureReasons } from "./failure-reason.ts";
import { defaultSettings } from "./settings.ts";
import {
  canCancel,
  describeConsequence,
  finalSteps,
  isFinal,
  nonFinalSteps,
  taskLifecycle,
  taskSteps,
  type FinalRow,
  type NonFinalRow,
  type Watch,
} from "./task-lifecycle.ts";

const whole: NonFinalRow = {
  final: false,
  waitsFor: "something",
  owner: "agent",
  progress: null,
  deadline: "turnMs",
  then: { does: "fail", reason: "turn_timeout" },
  progressDeadline: null,
  watches: [],
  cancel: "cancelling",
  leadsTo: ["delivery"],
};

describe("the types refuse", () => {
  /** The compiler checks these: without the error that each expects, the build fails. */
  it("a row of a step that is not final without deadline, owner, cancel edge, consequence or what it waits for", () => {
    const { deadline: _deadline, ...withoutDeadline } = whole;
    const { owner: _owner, ...withoutOwner } = whole;
    const { cancel: _cancel, ...withoutCancel } = whole;
    const { then: _then, ...withoutConsequence } = whole;
    const { waitsFor: _waitsFor, ...withoutReason } = whole;
    const { watches: _watches, ...withoutWatches } = whole;
    // @ts-expect-error -- a step without a deadline waits for ever
    const noDeadline: NonFinalRow = withoutDeadline;
    // @ts-expect-error -- a step that nobody owns is moved by nobody
    const noOwner: NonFinalRow = withoutOwner;
    // @ts-expect-error -- a step that cannot be cancelled holds its machine
    const noCancel: NonFinalRow = withoutCancel;
    // @ts-expect-error -- a deadline after which nothing happens is none
    const noConsequence: NonFinalRow = withoutConsequence;
    // @ts-expect-error -- a step waits for something that can be named
    const noReason: NonFinalRow = withoutReason;
    // @ts-expect-error -- what a step depends on is named, or said to be nothing
    const noWatches: NonFinalRow = withoutWatches;
    // @ts-expect-error -- a watch that never ends is none
    const endless: Watch = { over: "model", fails: "it fails", atOnce: [], then: whole.then };
    expect([noDeadline, noOwner, noCancel, noConsequence, noReason, noWatches, endless]).toHaveLength(7);
  });

  it("a null in their place, an unknown setting, an unknown reason, a cancel that leads elsewhere", () => {
    // @ts-expect-error -- a deadline is a setting, never null
    const nullDeadline: NonFinalRow = { ...whole, deadline: null };
    // @ts-expect-error -- a deadline is a setting that exists
    const unknownSetting: NonFinalRow = { ...whole, deadline: "someTimeMs" };
    // @ts-expect-error -- an owner is one of those that there are
    const unknownOwner: NonFinalRow = { ...whole, owner: "nobody" };
    // @ts-expect-error -- a reason is of the closed list
    const unknownReason: NonFinalRow = { ...whole, then: { does: "fail", reason: "something_went_wrong" } };
    // @ts-expect-error -- a retry says how often
    const endlessRetry: NonFinalRow = { ...whole, then: { does: "retry_then_fail", reason: "turn_timeout" } };
    // @ts-expect-error -- a cancel leads to cancelling
    const elsewhere: NonFinalRow = { ...whole, cancel: "failed" };
    expect([nullDeadline, unknownSetting, unknownOwner, unknownReason, endlessRetry, elsewhere]).toHaveLength(6);
  });

  it("a table that lacks a step, has one too many, or calls a step final that is not", () => {
    type Table = typeof taskLifecycle;
    const { running: _running, ...withoutRunning } = taskLifecycle;
    const final: FinalRow = { final: true, means: "done" };
    // @ts-expect-error -- every step has its row
    const lacking: Table = withoutRunning;
    // @ts-expect-error -- a step that goes on is not final
    const ended: Table = { ...taskLifecycle, running: final };
    // @ts-expect-error -- a final step has nothing to wait for
    const waiting: Table = { ...taskLifecycle, completed: whole };
    expect([lacking, ended, waiting]).toHaveLength(3);
  });
});

describe("the table", () => {
  it("has every step once, and only the last three are final", () => {
    expect(Object.keys(taskLifecycle)).toEqual([...taskSteps]);
    expect(taskSteps.filter((step) => isFinal(step))).toEqual([...finalSteps]);
  });

  it("offers a cancel in every step that goes on, but for the one that is a cancel", () => {
    expect(taskSteps.filter((step) => canCancel(step))).toEqual(nonFinalSteps.filter((step) => step !== "cancelling"));
  });

  it.each(nonFinalSteps)(
    "%s: its deadlines are settings above zero, and its consequence names a reason with a way on",
    (step) => {
      const row = taskLifecycle[step];
      if (row.final) throw new Error(`${step} is final`);
      const moving = row.progressDeadline === null ? row.watches : [row.progressDeadline, ...row.watches];
      const consequences = [row.then, ...moving.map((limit) => limit.then)];
      const settings = [row.deadline, ...moving.map(({ limit }) => limit)];
      for (const setting of settings) expect(defaultSettings[setting]).toBeGreaterThan(0);
      for (const consequence of consequences) {
        expect(describeConsequence(consequence)).not.toBe("");
        const reason = "reason" in consequence ? failureReasons[consequence.reason] : ".";
        expect(reason).toMatch(/\.$/);
      }
    },
  );

  it("is the design's, in its default durations", () => {
    const minute = 60_000;
    const deadlines = nonFinalSteps.map((step) => {
      const row = taskLifecycle[step];
      return row.final ? null : defaultSettings[row.deadline] / minute;
    });
    expect(deadlines).toEqual([1, 120, 15, 10, 2, 30, 2, 480, 7 * 24 * 60, 15, 5]);
    const { running, workspace_ready: checkout } = taskLifecycle;
    expect(running).toMatchObject({ progressDeadline: { flag: "turnStallFlagMs", limit: "turnStallMs" } });
    expect([defaultSettings.turnStallFlagMs / minute, defaultSettings.turnStallMs / minute]).toEqual([15, 30]);
    expect(checkout).toMatchObject({ progressDeadline: { flag: null, limit: "workspaceProgressMs" } });
    expect(defaultSettings.workspaceProgressMs / minute).toBe(5);
    expect(running).toMatchObject({ watches: [{ limit: "modelFailingMs", atOnce: ["unauthorized", "not_found"] }] });
    expect(defaultSettings.modelFailingMs / minute).toBe(5);
  });
});

describe("every failure reason", () => {
  it.each(Object.entries(failureReasons))("%s says what to do, in sentences", (_reason, whatToDo) => {
    expect(whatToDo).toMatch(/^[A-Z`].*\.$/);
    expect(whatToDo).not.toMatch(/something went wrong/i);
  });
});
