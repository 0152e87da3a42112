import { describe, expect, it } from "vitest";

import { parseRunbook, titleOf } from "./runbook.ts";

function titleOfScript(script: string): string {
  return titleOf({ kind: "block", index: 0, language: "sh", script, line: 1 });
}

describe("a runbook", () => {
  it("leaves out fences of other languages, and words that only start alike", () => {
    const fences = ["json", "shell-session", "sh,ignore", "toString", ""].map((word) => `\`\`\`${word}\nx\n\`\`\`\n`);
    expect(parseRunbook(fences.join("\n")).blocks).toEqual([]);
  });

  it("takes sh, shell and bash in any case, numbers its blocks and knows their lines", () => {
    const fences = ["sh", "Shell", "BASH"].map((word) => `\`\`\`${word}\nx\n\`\`\`\n`);
    expect(parseRunbook(fences.join("\n")).blocks).toEqual([
      { kind: "block", index: 0, language: "sh", script: "x", line: 1 },
      { kind: "block", index: 1, language: "sh", script: "x", line: 5 },
      { kind: "block", index: 2, language: "bash", script: "x", line: 9 },
    ]);
  });

  it("keeps prose and blocks in order, other fences within the prose", () => {
    const prompt = "One.\n\n```sh\na\n```\n\n```json\n{}\n```\nTwo.\n```sh\nb\n```";
    expect(parseRunbook(prompt).segments).toMatchObject([
      { kind: "prose", text: "One." },
      { kind: "block", script: "a" },
      { kind: "prose", text: "```json\n{}\n```\nTwo." },
      { kind: "block", script: "b" },
    ]);
  });

  it("counts lines alike, whatever ends them", () => {
    for (const end of ["\n", "\r\n", "\r"]) {
      expect(parseRunbook(["a", "", "```sh", "x", "y", "```"].join(end)).blocks).toMatchObject([
        { line: 3, script: "x\ny" },
      ]);
    }
  });
});

describe("the title of a block", () => {
  it.each([
    ["its first command", "\n# set up\n  npm ci  \nnpm test", "npm ci"],
    ["a comment, where it has nothing else", "# nothing", "# nothing"],
    ["a word, where it is empty", " \n", "(empty block)"],
    ["cut between characters, where it is long", `echo ${"😀".repeat(200)}`, `echo ${"😀".repeat(115)}…`],
  ])("is %s", (_name, script, title) => {
    expect(titleOfScript(script)).toBe(title);
  });
});
