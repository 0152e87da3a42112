import { describe, expect, it } from "vitest";

import { goodDelivery } from "./testing/task-life.ts";
import { allVerdictsHold, noVerdicts, verdictColour, type Verdicts } from "./verdicts.ts";

const ended = { holds: true, stopReason: "end_turn", detail: "" };
const good: Verdicts = { ended, ...goodDelivery };
const nothing = { holds: false, commits: 0, files: 0, insertions: 0, deletions: 0, headCommit: null };
const check = { command: "npm test", exitCode: 1, durationMs: 1, outputTail: "" };
const unpushed = { holds: false, ref: null, commit: null, detail: "refused" };

const amber: readonly [string, Verdicts][] = [
  ["nobody has looked", noVerdicts],
  ["the turn did not end", { ...good, ended: { ...ended, holds: false } }],
  ["nothing was produced", { ...good, produced: nothing }],
  ["nobody looked at what was produced", { ...good, produced: null }],
  ["the check failed", { ...good, checked: { ...check, outcome: "failed" } }],
  ["nobody checked", { ...good, checked: null }],
  ["nothing was pushed", { ...good, pushed: unpushed }],
  ["nobody asked the remote", { ...good, pushed: null }],
];

describe("green", () => {
  it.each(amber)("is no run of which %s", (_what, verdicts) => {
    expect(allVerdictsHold(verdicts)).toBe(false);
    expect(verdictColour("completed", verdicts)).toBe("amber");
  });

  it("is a run of which all four hold, also where the project has no check to fail", () => {
    expect(verdictColour("completed", good)).toBe("green");
    const unchecked = { ...good, checked: { ...check, exitCode: null, outcome: "not_configured" } } as const;
    expect(verdictColour("completed", unchecked)).toBe("green");
  });

  it("is neither a failure nor a cancel, whatever the verdicts say", () => {
    expect(verdictColour("failed", good)).toBe("red");
    expect(verdictColour("cancelled", good)).toBe("amber");
  });
});
