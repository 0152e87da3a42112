import { execFileSync } from "node:child_process";

import { expect, it } from "vitest";

import { shellWord } from "./shell-word.ts";

it("is read back by a shell as it was, and is left alone where it needs no quotes", () => {
  expect(shellWord("/srv/repo.git")).toBe("/srv/repo.git");
  for (const text of ["", "my repos/it's $HOME", 'a"b', "`id`", "ünï", "a;b", "*", "back\\slash"]) {
    expect(execFileSync("sh", ["-c", `printf %s ${shellWord(text)}`], { encoding: "utf8" })).toBe(text);
  }
});
