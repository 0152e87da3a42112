import { describe, expect, it } from "vitest";

import { plainCells, plainLine, plainText } from "./plain-text.ts";

describe("plain text", () => {
  it.each([
    ["letters of every language", "Grüße, 完了, привет, سلام, नमस्ते, 한국어"],
    ["signs and tabs", "a\tb → ✓ — “q” … │ ├ 3 × 4 ≤ 12"],
    ["emoji, with their joiners", "👩‍💻 ⚠️ 👍🏽 1️⃣"],
    ["the joiner that Persian needs", "می‌خواهم"],
  ])("leaves %s as they are", (_, text) => {
    expect(plainText(text)).toBe(text);
  });

  it.each([
    ["marks that turn the direction", "a\u202eb\u202c\u2066c\u2069\u200f\u061c", "abc"],
    ["what takes no room", "a\u200bb\u2060c\ufeff\u00ad\u3164\u{e0041}d\u{e0100}", "abcd"],
    ["joiners that join nothing", "\u200d\u200da \u200cb", "a b"],
    ["more joiners than one", "می\u200c\u200c\u200c\u200cخ", "می\u200cخ"],
    ["escape sequences", "\u001b[31mred\u001b[0m\u001b]8;;https://x.example\u0007link\u001b]8;;\u0007", "redlink"],
    ["controls", "a\u0000b\u0007c\u0008d\u007f\u0085e", "abcd\ne"],
    ["marks piled on a letter", `e${"\u0301".repeat(40)}x`, "e\u0301\u0301\u0301x"],
    ["other ends of lines", "a\r\nb\rc\u2028d", "a\nb\nc\nd"],
    ["halves of characters", "a\ud800b", "a\ufffdb"],
  ])("takes out %s", (_, text, plain) => {
    expect(plainText(text)).toBe(plain);
  });

  it("is one line for a name", () => {
    expect(plainLine("  a\n\tb \u202e c ")).toBe("a b c");
  });
});

describe("plain cells", () => {
  it.each([
    ["joiners", "👩‍💻 می‌خواهم 1️⃣", "👩💻 میخواهم 1⃣"],
    [
      "marks that were piled up behind a joiner",
      `e${"\u0301".repeat(3)}\u200c${"\u0301".repeat(3)}`,
      "e\u0301\u0301\u0301",
    ],
    ["tabs", "a\tb", "a  b"],
    ["tabs beside what is taken out", "a\tb\u202e", "a  b"],
  ])("take out %s", (_, text, plain) => {
    expect(plainCells(text)).toBe(plain);
  });
});
