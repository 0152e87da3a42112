import { describe, expect, it } from "vitest";

import { findFences } from "./markdown-fences.ts";

/** The fences of a text as [first line, language, text, closed]. */
function fencesOf(...lines: string[]): [number, string, string, boolean][] {
  return findFences(lines).fences.map((fence) => [
    fence.firstLine,
    fence.language,
    fence.lines.join("\n"),
    fence.isClosed,
  ]);
}

describe("what is no fence", () => {
  it.each([
    ["in an HTML comment", ["<!--", "```sh", "x", "```", "-->"]],
    ["in a comment that is never closed", ["text", "", "<!-- off", "", "```sh", "x", "```"]],
    ["in <pre>", ["<pre>", "", "```sh", "x", "```", "</pre>"]],
    ["right behind a tag, before a blank line", ["<details>", "```sh", "x", "```"]],
    ["behind a tag of its own", ['<a href="x">', "```sh", "x", "```"]],
    ["four spaces in", ["    ```sh", "    x", "    ```"]],
    ["a tab in", ["\t```sh", "\tx", "\t```"]],
    ["four spaces in, as the rest of a paragraph", ["text", "    ```sh", "    x"]],
    ["two backticks", ["``sh", "x", "``"]],
    ["inline code", ["```sh echo```", "x"]],
  ])("backticks %s", (_name, lines) => {
    expect(fencesOf(...lines)).toEqual([]);
  });

  it("is named with its line where it reads like one, and with the reason", () => {
    const lines = ["<!--", "```sh", "-->", "", "    ```bash", "", "~~~sh", "~~~", "", "```sh x```"];
    expect(findFences(lines).lookalikes).toEqual([
      { line: 2, language: "sh", because: "html" },
      { line: 5, language: "bash", because: "indented" },
      { line: 10, language: "sh", because: "backtick" },
    ]);
  });

  it("is not looked for in the text of another fence", () => {
    expect(findFences(["````md", "```sh", "x", "```", "    ```sh", "````"])).toEqual({
      fences: [
        { firstLine: 1, lastLine: 6, language: "md", lines: ["```sh", "x", "```", "    ```sh"], isClosed: true },
      ],
      lookalikes: [],
    });
  });
});

describe("a fence that is not closed", () => {
  it.each([
    ["by the end of the text", ["a", "```sh", "x"], [2, "sh", "x", false]],
    ["by fewer backticks", ["````sh", "x", "```"], [1, "sh", "x\n```", false]],
    ["by the other kind", ["```sh", "x", "~~~"], [1, "sh", "x\n~~~", false]],
    ["by backticks with a word", ["```sh", "x", "```sh"], [1, "sh", "x\n```sh", false]],
    ["by backticks four spaces in", ["```sh", "x", "    ```"], [1, "sh", "x\n    ```", false]],
    ["within its list item", ["- ```sh", "  x", "next"], [1, "sh", "x", false]],
    ["within its quote", ["> ```sh", "> x", "next"], [1, "sh", "x", false]],
  ] as const)("%s says so", (_name, lines, fence) => {
    expect(fencesOf(...lines)).toEqual([fence]);
  });
});

describe("a fence", () => {
  it.each([
    ["of backticks", ["```sh", "x", "```"], [1, "sh", "x", true]],
    ["of tildes, with backticks in its text", ["~~~ sh", "```", "~~~~"], [1, "sh", "```", true]],
    ["that is empty", ["```sh", "```"], [1, "sh", "", true]],
    ["with words behind the language", ["```sh title=`a`".replaceAll("`a`", "a"), "x", "```  "], [1, "sh", "x", true]],
    [
      "three spaces in, whose text loses as much",
      ["   ```sh", "   x", "     y", " z", "  ```"],
      [1, "sh", "x\n  y\nz", true],
    ],
    ["in the middle of a paragraph", ["text", "```sh", "x", "```"], [2, "sh", "x", true]],
    ["in a list item", ["1. do:", "", "   ```sh", "   x", "", "     y", "   ```"], [3, "sh", "x\n\n  y", true]],
    ["in a deep list", ["10. a", "    - b", "      ```sh", "      x", "      ```"], [3, "sh", "x", true]],
    ["in a quote", ["> ```sh", ">  x", "> ```"], [1, "sh", " x", true]],
    ["in a list item, with a tab that the item uses up in part", ["- ```sh", "\tx", "  ```"], [1, "sh", "  x", true]],
    ["behind a comment that ends on its line", ["<!-- on -->", "```sh", "x", "```"], [2, "sh", "x", true]],
    ["behind a tag and a blank line", ["<details>", "", "```sh", "x", "```"], [3, "sh", "x", true]],
    ["behind an underlined heading", ["title", "---", "```sh", "x", "```"], [3, "sh", "x", true]],
  ] as const)("%s", (_name, lines, fence) => {
    expect(fencesOf(...lines)).toEqual([fence]);
  });

  it("is found in time that grows with the text, however it is nested", () => {
    const startedMs = performance.now();
    fencesOf(
      ">".repeat(200_000),
      "- ".repeat(100_000),
      "* ".repeat(100_000),
      `<a ${" ".repeat(200_000)}`,
      "`".repeat(200_000),
    );
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
});
