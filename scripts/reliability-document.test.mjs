/** What docs/reliability.md names is there: each file, each test by its title, and each of the 33 failures once. */
import { existsSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { root } from "./node.mjs";
import { readText } from "./repository-files.mjs";

const path = "docs/reliability.md";
const failures = 33;

/**
 * @param {string} text
 * @returns {{ file: string, title: string }[]} each test that is named: `a file`: “one”, “another”; `a file`: “a third”
 */
function namedTests(text) {
  return [...text.matchAll(/`([^`]+)`: ((?:“[^”]+”(?:, )?)+)/g)].flatMap(([, file = "", titles = ""]) =>
    [...titles.matchAll(/“([^”]+)”/g)].map(([, title = ""]) => ({ file, title })),
  );
}

/** @param {{ file: string, title: string }} named @returns {boolean} whether that file has a test of that title */
function isThere({ file, title }) {
  if (!existsSync(`${root}/${file}`)) return false;
  const source = readText(file);
  return ['"', "'", "`"].some((quote) => source.includes(`${quote}${title}${quote}`));
}

describe("docs/reliability.md", () => {
  const text = readText(path);
  const rows = text.split("\n").filter((line) => /^\| \d+ \|/.test(line));

  it("names no test that there is not", () => {
    const named = namedTests(text);
    expect(named.length).toBeGreaterThan(failures);
    expect(named.filter((test) => !isThere(test))).toEqual([]);
  });

  it("names no file that there is not", () => {
    const files = [...text.matchAll(/`((?:apps|packages|tests|scripts|docs)\/[^`\s]+)`/g)].map(([, file = ""]) => file);
    expect(files.filter((file) => !existsSync(`${root}/${file}`))).toEqual([]);
  });

  it("has each failure once, and for each what makes it impossible and where, or that it is open", () => {
    const numbers = rows.map((row) => Number(row.split("|")[1]));
    expect(numbers).toEqual(Array.from({ length: failures }, (_, index) => index + 1));
    for (const row of rows) {
      const [, failed = "", holds = "", where = ""] = row.split(" | ");
      expect(failed.length).toBeGreaterThan(20);
      expect(holds.length).toBeGreaterThan(20);
      expect(namedTests(where).length > 0 || /\bopen: /.test(holds)).toBe(true);
    }
  });

  it("a test that is not there is noticed", () => {
    const invented = "`scripts/node.test.mjs`: “no such title”; `no/such.test.ts`: “any”";
    expect(namedTests(invented).filter((test) => !isThere(test))).toHaveLength(2);
  });
});
