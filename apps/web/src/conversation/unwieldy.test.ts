import { describe, expect, it } from "vitest";

import { isUnwieldy } from "./unwieldy.ts";

describe("a markdown text", () => {
  it.each([
    [
      "a long list with emphasis in each item",
      "- **`name`**: what *it* is, see [there](https://x.example)\n".repeat(2_000),
    ],
    ["quotations and lists of a few levels", "> > - a\n> >   - b\n> >     1. c\n"],
    ["code that is far indented", `\`\`\`\n${" ".repeat(200)}x\n\`\`\``],
    ["a text without marks", "word ".repeat(50_000)],
    ["a table", `| **a** | b |\n| --- | --- |\n${"| **x** | [y](z) |\n".repeat(300)}`],
  ])("is set: %s", (_, text) => {
    expect(isUnwieldy(text)).toBe(false);
  });

  it.each([
    ["quotations inside of each other", ">".repeat(10_000)],
    ["quotations with spaces between", "> ".repeat(100)],
    ["lists inside of each other, on a line", `${"- ".repeat(3_000)}x`],
    [
      "lists inside of each other, line by line",
      Array.from({ length: 300 }, (_, depth) => `${"  ".repeat(depth)}- x`).join("\n"),
    ],
    ["numbered lists and quotations in turn", "1. > ".repeat(50)],
    ["emphasis that could be read in every order", "*a_ **b__ ".repeat(5_000)],
    ["emphasis spread over the lines of a paragraph", "a*\n".repeat(5_000)],
    ["emphasis spread over the lines of a quotation", "> a*\n".repeat(5_000)],
    ["closing brackets", "]".repeat(40_000)],
  ])("is shown as it was written: %s", (_, text) => {
    expect(isUnwieldy(text)).toBe(true);
  });
});
