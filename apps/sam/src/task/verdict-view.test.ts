import type { TaskView } from "@sam/protocol/task-api";
import { describe, expect, it } from "vitest";

import { someTask } from "../../test/support/some-task.ts";
import { taskLines } from "./task-facts-view.ts";
import { exitCodeOf, statusLine } from "./task-reporter.ts";
import { resultLines, verdictMarks } from "./verdict-view.ts";

const paint = (colour: string, text: string) => (colour === "grey" ? text : `<${colour}>${text}</>`);

const good: TaskView["verdicts"] = {
  ended: { holds: true, stopReason: "end_turn", detail: "" },
  produced: { holds: true, commits: 1, files: 2, insertions: 12, deletions: 3, headCommit: "0123456789abcdef" },
  checked: { outcome: "passed", command: "npm test", exitCode: 0, durationMs: 1_200, outputTail: "ok" },
  pushed: { holds: true, ref: "refs/heads/sam/x", commit: "0123456789abcdef", detail: "" },
};

function ended(step: TaskView["step"], changes: Partial<TaskView> = {}): TaskView {
  return someTask({ step, final: true, verdicts: good, ...changes });
}

describe("the account of a task", () => {
  it("is green only where every verdict holds", () => {
    expect(resultLines(ended("completed"), paint)[0]).toMatch(/^<green>✓ Completed.*all four verdicts hold/);
    const nothing = {
      ...good,
      produced: { holds: false, commits: 0, files: 0, insertions: 0, deletions: 0, headCommit: null },
    };
    const lines = resultLines(ended("completed", { verdicts: nothing }), paint);
    expect(lines[0]).toMatch(/^<amber>▲ Completed.*not all verdicts hold/);
    expect(lines.join("\n")).toContain("<amber>▲</> produced  nothing");
  });

  it("claims no check where none was configured", () => {
    const unchecked = {
      outcome: "not_configured" as const,
      command: null,
      exitCode: null,
      durationMs: null,
      outputTail: "",
    };
    const lines = resultLines(ended("completed", { verdicts: { ...good, checked: unchecked } }), paint);
    expect(lines[0]).toContain("every verdict that was asked for holds");
    expect(lines.join("\n")).toContain("– checked   no check command was given");
  });

  it("gives each verdict its evidence", () => {
    expect(verdictMarks(good).map(({ name, evidence }) => `${name}: ${evidence}`)).toEqual([
      "ended: end_turn",
      "produced: 1 commit, 2 files, +12 −3, up to 0123456789",
      "checked: `npm test` passed after 1.2 s (exit code 0)",
      "pushed: the remote lists 0123456789 under refs/heads/sam/x",
    ]);
  });

  it("says of a failure its reason, its evidence and what to do, with no escape of the check's output", () => {
    const failed = {
      ...good,
      checked: {
        outcome: "failed" as const,
        command: "npm test",
        exitCode: 3,
        durationMs: 5,
        outputTail: "boom\u001b[2J",
      },
    };
    const failure = {
      reason: "check_failed" as const,
      whatToDo: "Look at the branch.",
      evidence: "exit code 3",
      at: 0,
    };
    const text = resultLines(ended("failed", { verdicts: failed, failure }), paint).join("\n");
    expect(text).toContain("<red>✗ Failed");
    expect(text).toContain("check_failed");
    expect(text).toContain("  exit code 3\n  Look at the branch.");
    expect(text).toContain("  │ boom");
    expect(text).not.toContain("\u001b");
  });

  it("says that a verdict is not known where nobody looked", () => {
    const none = { ended: null, produced: null, checked: null, pushed: null };
    expect(
      verdictMarks(none).every(({ colour, evidence }) => colour === "grey" && evidence.startsWith("not known")),
    ).toBe(true);
  });
});

describe("exit codes", () => {
  it("are 0 for completed, 1 for failed, 130 for cancelled", () => {
    expect(exitCodeOf(ended("completed"))).toBe(0);
    expect(exitCodeOf(ended("failed"))).toBe(1);
    expect(exitCodeOf(ended("cancelled"))).toBe(130);
  });
});

describe("a task that goes on", () => {
  const now = 1_000_000;
  const running = someTask({
    step: "running",
    clocks: { inStateSince: now - 192_000, lastProgressAt: now - 2_000, lastContactAt: now - 1_000, frozenAt: null },
    deadlineAt: now + 600_000,
    onDeadline: "delivers what there is and fails (turn_timeout)",
    waitsFor: "the end of the agent's turn",
  });

  it("says the fact, its age and what happens next", () => {
    expect(statusLine(running, null, now)).toBe(
      "● running for 3 m 12 s · waits for the end of the agent's turn · limit in 10 m",
    );
    expect(statusLine(running, { title: "npm test", startedAt: now - 5_000 }, now)).toContain("npm test (5 s)");
    const text = taskLines(running, paint, now).join("\n");
    expect(text).toContain("progress  2 s ago");
    expect(text).toContain("contact   1 s ago");
    expect(text).toContain("limit     in 10 m: then it delivers what there is and fails (turn_timeout)");
  });

  it("says since when it stalls or its model fails, and its place in the queue", () => {
    expect(statusLine(someTask({ ...running, stalledSince: now - 60_000 }), null, now)).toContain(
      "no progress for 1 m",
    );
    const failure = { kind: "rate_limited" as const, status: 429, detail: "slow\u001b[2J down" };
    const modelTrouble = { since: now - 20_000, giveUpAt: now + 280_000, failure };
    expect(statusLine(someTask({ ...running, modelTrouble }), null, now)).toContain(
      "no answer of the model for 20 s (rate limited, HTTP 429: “slow␛[2J down”)",
    );
    expect(statusLine(someTask({ ...running, queuePlace: 3 }), null, now)).toContain("place 3 in the queue");
  });
});
