import { expect, it } from "vitest";

import { parsePush } from "../git/push-report.ts";
import { sumNumstat } from "./produced.ts";

it("sums files, insertions and deletions; binary files have no lines, a rename is one file", () => {
  const text = [
    "3\t1\ta b.txt",
    "-\t-\tpicture.png",
    "2\t0\t",
    "old name\t.txt",
    "5\t5\tnot a record",
    "0\t7\tgone",
    "",
  ].join("\0");
  expect(sumNumstat(text)).toEqual({ files: 4, insertions: 5, deletions: 8 });
  expect(sumNumstat("")).toEqual({ files: 0, insertions: 0, deletions: 0 });
});

it("a push is read from its porcelain, whatever a hook prints", () => {
  expect(parsePush("To /x\n*\tabc:refs/heads/b\t[new branch]\nDone\n")).toEqual({ flag: "*", summary: "[new branch]" });
  expect(parsePush("To /x\n!\tabc:refs/heads/b\t[remote rejected] (hook declined)\n")).toMatchObject({ flag: "!" });
  expect(parsePush(" \tabc:refs/heads/b\t1..2\n")).toMatchObject({ flag: " " });
  expect(parsePush("fatal: no\n")).toBeNull();
});
