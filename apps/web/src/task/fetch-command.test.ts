import { describe, expect, it } from "vitest";

import { fetchCommand } from "./fetch-command.ts";

describe("the command that fetches a branch", () => {
  it("can be pasted", () => {
    expect(fetchCommand("/home/me/repo", "sam/fix-1")).toBe(
      "git fetch /home/me/repo sam/fix-1 && git switch --detach FETCH_HEAD",
    );
  });

  it("runs nothing that a name holds", () => {
    expect(fetchCommand("/home/my repo", "sam/$(rm -rf ~)'x")).toBe(
      String.raw`git fetch '/home/my repo' 'sam/$(rm -rf ~)'\''x' && git switch --detach FETCH_HEAD`,
    );
  });
});
