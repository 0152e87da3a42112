import { describe, expect, it } from "vitest";

import { cells, cut, wrap } from "./cells.ts";

describe("the room that a text takes", () => {
  it("counts wide characters twice, marks not at all, and our colours not at all", () => {
    expect(cells("abc")).toBe(3);
    expect(cells("你好")).toBe(4);
    expect(cells("🙂")).toBe(2);
    expect(cells("e\u0301")).toBe(1);
    expect(cells("\u001b[31mred\u001b[39m")).toBe(3);
  });

  it("cuts with an ellipsis, never past the width", () => {
    expect(cut("short", 10)).toBe("short");
    expect(cut("a longer text", 8)).toBe("a longe…");
    expect(cells(cut("你好你好你好", 6))).toBeLessThanOrEqual(6);
  });
});

describe("breaking a line", () => {
  it("breaks between words", () => {
    expect(wrap("the quick brown fox", 10)).toEqual(["the quick", "brown fox"]);
  });

  it("breaks a word that is longer than the line", () => {
    expect(wrap("a".repeat(25), 10)).toEqual(["a".repeat(10), "a".repeat(10), "a".repeat(5)]);
  });

  it("loses no letter and passes no width, whatever the text", () => {
    for (const text of [
      "",
      " ",
      "  indented text that goes on",
      "你好".repeat(30),
      `x ${"y".repeat(50)} z`,
      "🙂".repeat(17),
    ]) {
      for (const width of [2, 7, 10, 33]) {
        const lines = wrap(text, width);
        expect(lines.every((line) => cells(line) <= width)).toBe(true);
        expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      }
    }
  });
});
