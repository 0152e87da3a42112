import type { FileChange, WorkDiff } from "@sam/domain/diff";
import { describe, expect, it } from "vitest";

import { changedFiles, lineCounts } from "./patch-sections.ts";

const change = (path: string, more: Partial<FileChange> = {}): FileChange => ({
  path,
  oldPath: null,
  status: "modified",
  insertions: 1,
  deletions: 1,
  ...more,
});
const section = (path: string, line = "+x") =>
  `diff --git a/${path} b/${path}\nindex 1..2 100644\n--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-y\n${line}\n`;
const diff = (files: FileChange[], patch: string, leftOutFiles: string[] = []): WorkDiff => ({
  baseCommit: "0".repeat(40),
  files,
  patch,
  leftOutFiles,
});

describe("a patch", () => {
  it("is cut into its files, in their order", () => {
    const files = changedFiles(diff([change("a.ts"), change("b.ts")], section("a.ts") + section("b.ts")));
    expect(files.map(({ patch }) => patch)).toEqual([section("a.ts"), section("b.ts")]);
  });

  it("names what was left out, and gives the others theirs", () => {
    const files = changedFiles(diff([change("big.bin"), change("b.ts")], section("b.ts"), ["big.bin"]));
    expect(files.map(({ patch }) => patch)).toEqual([null, section("b.ts")]);
  });

  it("is not cut by a line of a file that reads like a beginning", () => {
    const tricky = section("a.ts", "+diff --git a/x b/x");
    expect(changedFiles(diff([change("a.ts")], tricky))[0]?.patch).toBe(tricky);
  });

  it.each(["\r", "\u2028", "\u2029"])(
    "is not cut by what only some readers take for the end of a line: %j",
    (lineEnd) => {
      const forged = `diff --git a/z.sh b/z.sh${lineEnd}--- a/z.sh${lineEnd}+++ b/z.sh${lineEnd}@@ -1 +1 @@`;
      const hostile = section("a.txt", `+x${lineEnd}${forged}`);
      const files = changedFiles(diff([change("a.txt"), change("z.sh")], hostile + section("z.sh", "+rm -rf /")));
      expect(files.map(({ patch }) => patch)).toEqual([hostile, section("z.sh", "+rm -rf /")]);
    },
  );

  it("is found by name where a file has no section", () => {
    const files = changedFiles(diff([change("mode.sh"), change("b.ts")], section("b.ts")));
    expect(files.map(({ patch }) => patch)).toEqual([null, section("b.ts")]);
  });

  it("counts lines, and none in a binary", () => {
    expect(lineCounts(change("a", { insertions: 12, deletions: 0 }))).toBe("+12 −0");
    expect(lineCounts(change("a", { insertions: null, deletions: null }))).toBe("binary");
  });
});
