import { noVerdicts } from "@sam/domain/verdicts";
import { describe, expect, it } from "vitest";

import { verdictMarks } from "./verdict-words.ts";

const produced = { holds: true, commits: 1, files: 2, insertions: 3, deletions: 4, headCommit: "0123456789abcdef" };
const checked = { outcome: "passed", command: "npm test", exitCode: 0, durationMs: 1_200, outputTail: "" } as const;
const words = (marks: ReturnType<typeof verdictMarks>) => marks.map(({ name, word }) => `${name}: ${word}`);

describe("the verdicts in words", () => {
  it("are four, each known or not, and none is green for not being known", () => {
    const marks = verdictMarks(noVerdicts, false);
    expect(words(marks)).toEqual([
      "ended: not known",
      "produced: not known",
      "checked: not known",
      "pushed: not known",
    ]);
    expect(marks.every(({ meaning }) => meaning === "unknown")).toBe(true);
    expect(marks[0]?.evidence).toBe("it has not come to that yet");
    expect(verdictMarks(noVerdicts, true)[0]?.evidence).toBe("it did not come to that");
  });

  it("have their evidence in a line", () => {
    const marks = verdictMarks(
      {
        ended: { holds: true, stopReason: "end_turn", detail: "" },
        produced,
        checked,
        pushed: { holds: true, ref: "refs/heads/sam/x", commit: "0123456789abcdef", detail: "" },
      },
      true,
    );
    expect(marks.map(({ evidence }) => evidence)).toEqual([
      "the agent's turn ended: end_turn",
      "1 commit, 2 files, +3 −4, up to 0123456789",
      "npm test passed after 1.2 s (exit code 0)",
      "the remote lists 0123456789 under refs/heads/sam/x",
    ]);
    expect(marks.every(({ meaning }) => meaning === "done")).toBe(true);
  });

  it("call nothing good that is not", () => {
    const marks = verdictMarks(
      {
        ended: { holds: false, stopReason: "none", detail: "the agent exited" },
        produced: { ...produced, holds: false },
        checked: { ...checked, outcome: "failed", exitCode: null },
        pushed: { holds: false, ref: null, commit: null, detail: "rejected\nby a hook" },
      },
      true,
    );
    expect(marks.map(({ meaning }) => meaning)).toEqual(["failed", "yours", "failed", "failed"]);
    expect(marks.map(({ evidence }) => evidence)).toEqual([
      "the agent exited",
      "no commit and no change",
      "npm test failed after 1.2 s (no exit code)",
      "rejected by a hook",
    ]);
  });

  it("claim no check where none was asked for", () => {
    const [, , mark] = verdictMarks({ ...noVerdicts, checked: { ...checked, outcome: "not_configured" } }, true);
    expect(mark).toMatchObject({ meaning: "unknown", word: "not asked for" });
  });
});
