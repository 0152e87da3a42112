import { readFileSync } from "node:fs";

import { catalogAgentIds } from "@sam/domain/agent-catalog";
import { describe, expect, it } from "vitest";

import { readRecord } from "./agent-record.ts";
import { agentsDocument } from "./agents-document.ts";

describe("docs/agents.md", () => {
  it("says what the records say; where it doesn't, `SAM_WRITE_DOCS=1 npm run test:agents` writes it again", () => {
    expect(readFileSync(new URL("../../../docs/agents.md", import.meta.url), "utf8")).toBe(agentsDocument());
  });

  it("has every agent of the catalog", () => {
    expect(catalogAgentIds.filter((agentId) => readRecord(agentId) === null)).toEqual([]);
  });
});
