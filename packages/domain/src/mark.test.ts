import { describe, expect, it } from "vitest";

import { markOf } from "./mark.ts";

describe("a mark", () => {
  it("is the same for the same text, and short for a long one", () => {
    const text = "diff --git a/ü b/ü\n".repeat(20_000);
    expect(markOf(text)).toBe(markOf(`${text}`));
    expect(markOf(text).length).toBeLessThan(40);
  });

  it("differs between texts that differ in one character, or in their order", () => {
    const texts = [
      "",
      "a",
      "b",
      "ab",
      "ba",
      "aa",
      "a\n",
      "\na",
      ...Array.from({ length: 5_000 }, (_v, i) => `line ${i}`),
    ];
    expect(new Set(texts.map(markOf)).size).toBe(texts.length);
  });
});
