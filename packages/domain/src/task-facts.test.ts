import { describe, expect, it } from "vitest";

import { branchOf, titleOf } from "./task-facts.ts";
import { taskId } from "./testing/task-life.ts";

describe("a title", () => {
  it.each([
    ["the first line that says something", "\n\n# Fix the clock\nIt is late.", "Fix the clock"],
    ["no fence", "```sh\nnpm test\n```", "npm test"],
    ["none of the marks of a list or a quote", "> - * Fix it", "Fix it"],
    ["nothing that a terminal would carry out", "\u001b]0;x\u0007Fix\t\u202eit\r\n", "]0;x Fix it"],
    ["a word where nothing is said", "```\n```", "task"],
  ])("is %s", (_what, prompt, title) => {
    expect(titleOf(prompt)).toBe(title);
  });

  it("is at most 80 characters long, and cuts none in two", () => {
    const title = titleOf("🕰".repeat(200));
    expect(Array.from(title)).toHaveLength(80);
    expect(title.isWellFormed()).toBe(true);
  });
});

describe("a branch", () => {
  it.each([
    ["Fix the clock!", "sam/fix-the-clock-0000000001"],
    ["修理时钟", "sam/task-0000000001"],
    ["-- ../..//@{x}.lock", "sam/x-lock-0000000001"],
    [`${"a".repeat(39)} b`, `sam/${"a".repeat(39)}-0000000001`],
  ])("of %j is %s: a name that git and a URL can bear", (title, branch) => {
    expect(branchOf(taskId, title)).toBe(branch);
  });
});
