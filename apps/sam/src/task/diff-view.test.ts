import type { WorkDiff } from "@sam/domain/diff";
import { describe, expect, it } from "vitest";

import { diffLines, diffSummary } from "./diff-view.ts";

const paint = (colour: string, text: string) => `<${colour}>${text}</>`;
const plain = (_: string, text: string) => text;

function diffOf(patch: string, changes: Partial<WorkDiff> = {}): WorkDiff {
  return { baseCommit: "0".repeat(40), files: [], patch, leftOutFiles: [], ...changes };
}

const header = "diff --git a/q.sql b/q.sql\nindex 1..2 100644\n--- a/q.sql\n+++ b/q.sql\n";

describe("a diff on the screen", () => {
  it("is coloured by what each line is, also where a line's text looks like a header", () => {
    const patch = `${header}@@ -1,2 +1,2 @@\n--- an old comment\n+++ a new one\n same\n`;
    expect(diffLines(diffOf(patch), paint).slice(2)).toEqual([
      "<bold>--- a/q.sql</>",
      "<bold>+++ b/q.sql</>",
      "<grey>@@ -1,2 +1,2 @@</>",
      "<red>--- an old comment</>",
      "<green>+++ a new one</>",
      " same",
    ]);
  });

  it.each([
    ["escape sequences", "+\u001b[2J\u001b]0;owned\u0007red", "+␛[2J␛]0;owned␇red"],
    ["a carriage return, which would write over the sign", "+a\r-b", "+a␍-b"],
    [
      "another reader's end of a line, which would begin a line of its own",
      "+a\u2028@@ -1 +1 @@",
      "+a⟨U+2028⟩@@ -1 +1 @@",
    ],
    ["the line ends of another system", "+a\r", "+a"],
    ["a text that runs backwards", "+if (\u202eadmin\u202c)", "+if (⟨U+202E⟩admin⟨U+202C⟩)"],
  ])("lets no file's content act on the terminal, and hides none of it: %s", (_, line, shown) => {
    expect(diffLines(diffOf(`${header}@@ -1 +1 @@\n${line}\n`), plain).slice(5)).toEqual([shown]);
  });

  it("names what was left out of it", () => {
    const lines = diffLines(diffOf("", { leftOutFiles: ["big\u001b[2J.json"] }), plain);
    expect(lines).toEqual(["▲ left out, since it is large: big␛[2J.json"]);
  });

  it("is summed up in a line; where nothing is changed it says so", () => {
    const file = { path: "a.txt", oldPath: null, status: "added" as const, insertions: 2, deletions: 0 };
    expect(diffSummary(diffOf("", { files: [file] }))).toBe("1 file changed, +2 −0: a.txt");
    expect(diffSummary(diffOf(""))).toBe("Nothing is changed.");
  });
});
