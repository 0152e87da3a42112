import { describe, expect, it } from "vitest";

import { headlineOf } from "./headline.ts";

describe("the headline", () => {
  it.each([
    [1, 5, "1 task awaits you"],
    [3, 0, "3 tasks await you"],
    [0, 2, "Nothing awaits you, 2 running"],
    [0, 0, "Nothing awaits you"],
  ])("of %i that wait and %i that run", (yours, running, text) => {
    expect(headlineOf(yours, running)).toBe(text);
  });
});
