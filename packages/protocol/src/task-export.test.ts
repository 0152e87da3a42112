/** A file that is no export, or is broken, is refused with the name of each field that is wrong. */
import { describe, expect, it } from "vitest";

import { readTaskExport, UnreadableExport } from "./task-export.ts";

const refusals: readonly [what: string, text: string, says: RegExp][] = [
  ["no JSON at all", "task", /^the file is not JSON: /],
  ["a JSON text", '"x"', /^format: must be "sam-task-export"/],
  ["another document", '{"format":"sam-something"}', /^format: must be "sam-task-export"/],
  [
    "a newer version",
    '{"format":"sam-task-export","version":2}',
    /^version: must be 1, and is 2: a newer SAM wrote it$/,
  ],
  ["no version", '{"format":"sam-task-export"}', /^version: must be 1/],
];

describe("a file that is not an export", () => {
  it.each(refusals)("%s is refused", (_what, text, says) => {
    expect(() => readTaskExport(text)).toThrow(UnreadableExport);
    expect(() => readTaskExport(text)).toThrow(says);
  });

  it("names the fields that are wrong, and how many more there are", () => {
    const broken = { format: "sam-task-export", version: 1, exportedAt: "now", settings: { maxNodes: "many" } };
    let message = "";
    try {
      readTaskExport(JSON.stringify(broken));
    } catch (error) {
      message = String(error);
    }
    expect(message).toMatch(/exportedAt: .*number/);
    expect(message).toMatch(/settings\.maxNodes: .*number/);
    expect(message).toMatch(/and \d+ more$/);
  });
});
