import { readFileSync, writeFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { allCases, hostileDocument } from "./support/hostile-document.ts";

const file = new URL("../../docs/hostile-outputs.md", import.meta.url);

describe("docs/hostile-outputs.md", () => {
  it("says what the tables say; where it doesn't, `SAM_WRITE_DOCS=1 npm test -- tests/hostile/document` writes it again", () => {
    if (process.env["SAM_WRITE_DOCS"] === "1") writeFileSync(file, hostileDocument());
    expect(readFileSync(file, "utf8")).toBe(hostileDocument());
  });

  it("has every case once", () => {
    const ids = allCases.map(({ id }) => id);
    expect(ids.length).toBeGreaterThanOrEqual(40);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
