import { describe, expect, it } from "vitest";

import { plainLine, plainText } from "./plain-text.ts";

const esc = "\u001b";

describe("text of others", () => {
  it.each([
    ["colours", `${esc}[31mred${esc}[0m`, "red"],
    ["moves of the cursor", `a${esc}[2J${esc}[1;1Hb`, "ab"],
    ["a title of the window", `${esc}]0;evil\u0007text`, "text"],
    ["a link", `${esc}]8;;http://evil${esc}\\click${esc}]8;;${esc}\\`, "click"],
    ["a device control string", `${esc}Pq#0;2;0${esc}\\done`, "done"],
    ["8-bit control sequences", "\u009b31mred\u009b0m", "red"],
    ["a sequence without its end", `text${esc}[`, "text"],
    ["a string without its end, up to the end of the line", `${esc}]0;title\nnext`, "\nnext"],
    ["a single shift", `${esc}Nx`, "x"],
    ["bells, backspaces and deletes", "a\u0007b\bc\u007fd", "abcd"],
    ["reversed reading", "safe\u202Eevil\u202C \u2066x\u2069", "safeevil x"],
    ["what takes no room", "a\u200Bb\uFEFFc\u{E0041}d\u2060e", "abcde"],
    ["halves of characters", "a\uD800b", "a\uFFFDb"],
  ])("loses %s", (_, text, plain) => {
    expect(plainText(text)).toBe(plain);
  });

  it("keeps every kind of line's end as one line feed, so that none can hide what stands before it", () => {
    expect(plainText("a\r\nb\rc\u2028d\u0085e\u000bf")).toBe("a\nb\nc\nd\ne\nf");
  });

  it("keeps letters of every language, and no more marks on one than a language puts there", () => {
    expect(plainText("Bonjour, 你好, مرحبا, 🙂")).toBe("Bonjour, 你好, مرحبا, 🙂");
    expect(plainText(`e${"\u0301".repeat(50)}`)).toBe(`e${"\u0301".repeat(3)}`);
  });

  it("leaves no control character, whatever it is given", () => {
    const all = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code)).join("");
    expect(plainText(all)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  });

  it("puts a title on one line", () => {
    expect(plainLine("  a\n b\tc ")).toBe("a b c");
  });
});
