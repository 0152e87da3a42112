import { describe, expect, it } from "vitest";

import { lifecycleDocument, lifecycleDocumentPath } from "./lifecycle-document.ts";
import { readText } from "./repository-files.mjs";

describe("docs/lifecycle.md", () => {
  it("says what the tables say; where it doesn't, `npm run docs` writes it again", () => {
    expect(readText(lifecycleDocumentPath)).toBe(lifecycleDocument());
  });
});
