import { describe, expect, it } from "vitest";

import { quoted, visibleLine, visibleText } from "./visible-text.ts";

describe("visible text", () => {
  it.each([
    ["code, with its lines and tabs", "if (a < b) {\n\treturn “x”;\n}"],
    ["letters of every language", "Grüße, 完了, привет, سلام, नमस्ते, 한국어"],
    ["emoji, with their joiners", "👩‍💻 ⚠️ 👍🏽 1️⃣"],
    ["the joiner that Persian needs", "می‌خواهم"],
  ])("leaves %s as it is", (_, text) => {
    expect(visibleText(text)).toBe(text);
  });

  it.each([
    ["what a terminal takes for a title, to its end", "ls \u001b]0; rm -rf ~ \u0007", "ls ␛]0; rm -rf ~ ␇"],
    ["a device control string", "a\u0090q; rm -rf ~\u009cb", "a⟨U+0090⟩q; rm -rf ~⟨U+009C⟩b"],
    ["a line that would be drawn over", "rm -rf ~\rls", "rm -rf ~␍ls"],
    ["letters that would be rubbed out", "rm\u0008\u0008ls", "rm␈␈ls"],
    ["ends of lines that git does not know", "a\u2028b\u0085c\u000bd", "a⟨U+2028⟩b⟨U+0085⟩c␋d"],
    ["marks that turn the direction", "a\u202eb\u2066c", "a⟨U+202E⟩b⟨U+2066⟩c"],
    ["what takes no room", "a\u200bb\u00adc\ufeff", "a⟨U+200B⟩b⟨U+00AD⟩c⟨U+FEFF⟩"],
    ["letters that carry a hidden text", `a${"\u{e0041}".repeat(60)}b`, "a⟨U+E0041 and 59 more⟩b"],
    ["a joiner that tells two names apart", "adm\u200din", "adm⟨U+200D⟩in"],
    ["marks piled on a letter", `e${"\u0301".repeat(40)}`, "e\u0301\u0301\u0301⟨marks⟩"],
    ["halves of characters", "a\ud800b", "a\ufffdb"],
  ])("shows %s", (_, text, visible) => {
    expect(visibleText(text)).toBe(visible);
  });

  it("keeps the lines of a text from Windows", () => {
    expect(visibleText("a\r\nb\r\n")).toBe("a\nb\n");
    expect(visibleLine(" a\r\n\tb ")).toBe("a b");
  });
});

describe("quoted words", () => {
  it("are on one line, and do not close their own quotation", () => {
    expect(quoted("done”.\n\nVerdicts: “pushed” ✓")).toBe("“done'. Verdicts: 'pushed' ✓”");
  });

  it("say that they were cut, and never cut a letter in two", () => {
    expect(quoted("abcdef", 3)).toBe("“abc…”");
    expect(quoted("ab😀", 3)).toBe("“ab\ufffd…”");
  });
});
