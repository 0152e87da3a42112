import { taskSteps } from "@sam/domain/task-lifecycle";
import { allVerdictsHold } from "@sam/domain/verdicts";
import { describe, expect, it } from "vitest";

import { nowMs, taskRow, taskView } from "../testing/task-rows.ts";
import { contactSilentMs, groupOf, statusOfRow, statusOfTask } from "./task-status.ts";

describe("green is for done, with evidence, and nothing else", () => {
  it("shows no step but completed in green, whatever its colour says", () => {
    const green = taskSteps.filter((step) => statusOfRow(taskRow({ step, colour: "green" }), nowMs).meaning === "done");
    expect(green).toEqual(["completed"]);
  });

  const { verdicts } = taskView();
  it.each([
    ["nothing produced", { produced: null }],
    [
      "nothing produced",
      { produced: { holds: false, commits: 0, files: 0, insertions: 0, deletions: 0, headCommit: null } },
    ],
    ["the turn did not end well", { ended: { holds: false, stopReason: "refusal", detail: "" } }],
    [
      "the check failed",
      { checked: { outcome: "failed", command: "npm test", exitCode: 1, durationMs: 5, outputTail: "" } },
    ],
    ["not checked", { checked: null }],
    ["not pushed", { pushed: null }],
    ["not pushed", { pushed: { holds: false, ref: null, commit: null, detail: "" } }],
  ] as const)("says %s in amber", (word, lacking) => {
    const task = taskView({ step: "completed", final: true, verdicts: { ...verdicts, ...lacking } });
    expect(statusOfTask(task, nowMs)).toMatchObject({ meaning: "yours", word: `completed, ${word}` });
  });

  it("agrees with the domain on what is good", () => {
    const good = taskView({ step: "completed", final: true });
    expect(allVerdictsHold(good.verdicts)).toBe(true);
    expect(statusOfTask(good, nowMs)).toMatchObject({ meaning: "done", word: "completed" });
  });

  it("takes a project without a check command for what it is", () => {
    const checked = {
      outcome: "not_configured",
      command: null,
      exitCode: null,
      durationMs: null,
      outputTail: "",
    } as const;
    const task = taskView({ step: "completed", final: true, verdicts: { ...verdicts, checked } });
    expect(statusOfTask(task, nowMs).meaning).toBe("done");
  });
});

describe("a status that is not known says since when", () => {
  it("of a task whose contact was lost", () => {
    const at = nowMs - contactSilentMs - 1;
    const clocks = { inStateSince: nowMs - 900_000, lastProgressAt: at, lastContactAt: at, frozenAt: null };
    expect(statusOfTask(taskView({ clocks }), nowMs)).toEqual({
      meaning: "unknown",
      word: "running, nothing heard",
      since: at,
    });
  });

  it("of a row that stands long past its deadline", () => {
    const deadlineAt = nowMs - 3_600_000;
    expect(statusOfRow(taskRow({ deadlineAt }), nowMs)).toMatchObject({ meaning: "unknown", since: deadlineAt });
  });

  it("but not while the sweep still has its minute", () => {
    expect(statusOfRow(taskRow({ deadlineAt: nowMs - 30_000 }), nowMs).meaning).toBe("active");
  });
});

describe("amber is yours", () => {
  it.each([
    ["awaits you", taskView({ step: "awaiting_input" })],
    ["running, no progress", taskView({ stalledSince: nowMs - 1_000 })],
    [
      "running, the model does not answer",
      taskView({
        modelTrouble: { since: nowMs, giveUpAt: nowMs + 1, failure: { kind: "no_answer", status: null, detail: "" } },
      }),
    ],
    ["cancelled", taskView({ step: "cancelled", final: true })],
    ["cancelled, not all proven", taskView({ step: "cancelled", final: true, unproven: ["processes_gone"] })],
  ])("%s", (word, task) => {
    expect(statusOfTask(task, nowMs)).toMatchObject({ meaning: "yours", word });
  });
});

it("names the reason of a failure", () => {
  const row = taskRow({ step: "failed", colour: "red", failureReason: "check_failed" });
  expect(statusOfRow(row, nowMs)).toMatchObject({ meaning: "failed", word: "failed: check failed" });
});

it("puts every step into one part of the list", () => {
  expect(taskSteps.filter((step) => groupOf(step) === "yours")).toEqual(["awaiting_input"]);
  expect(taskSteps.filter((step) => groupOf(step) === "ended")).toEqual(["completed", "failed", "cancelled"]);
});
