import { makeId } from "@sam/domain/ids";
import { describe, expect, it } from "vitest";

import { isSavable, messageOfState, parseState } from "./saved-state.ts";

const taskId = makeId("task", `01J${"0".repeat(22)}1`);
const [head, side, stash, older] = ["a", "b", "c", "d"].map((letter) => letter.repeat(40));

function commit(parents: readonly (string | undefined)[], message: string): string {
  return `tree ${"e".repeat(40)}\n${parents.map((id) => `parent ${id ?? ""}\n`).join("")}author A <a@b> 0 +0000\n\n${message}`;
}

describe("a saved state", () => {
  it("is read from its commit as it was written into it", () => {
    const state = {
      headRef: "refs/heads/sam/clock",
      branches: new Map([["refs/heads/side", side ?? ""]]),
      stashes: [older ?? "", stash ?? ""],
    };
    const text = commit([head, side, older, stash], messageOfState(taskId, state));
    expect(parseState(text, "f".repeat(40))).toEqual({ head, ...state });
  });

  it("takes no name whose commit it does not stand on, and none that leads out of the branches", () => {
    const lines = [
      "HEAD refs/heads/../../config",
      `refs/heads/unknown ${side ?? ""}`,
      `refs/tags/v1 ${head ?? ""}`,
      `refs/heads/.lock ${head ?? ""}`,
      `refs/heads/a b ${head ?? ""}`,
      `refs/heads/good ${head ?? ""}`,
    ];
    const state = parseState(commit([head], `A title\n\n${lines.join("\n")}\n`), "f".repeat(40));
    expect(state).toEqual({ head, headRef: null, branches: new Map([["refs/heads/good", head]]), stashes: [] });
  });

  it("of a commit without parents begins at that commit", () => {
    expect(parseState(commit([], "Nothing\n"), "f".repeat(40)).head).toBe("f".repeat(40));
  });

  it("names only branches that git and a line of text can hold", () => {
    expect(isSavable("refs/heads/a/b")).toBe(true);
    for (const ref of ["refs/stash", "refs/heads/a b", "refs/heads/a\nb", `refs/heads/${"x".repeat(600)}`]) {
      expect(isSavable(ref)).toBe(false);
    }
  });
});
