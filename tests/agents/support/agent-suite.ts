/** The one suite for every agent of the catalog: all scenarios on one bed, and what they ended as held against the record. */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { agentCatalog, type CatalogAgentId } from "@sam/domain/agent-catalog";
import { describe, expect, it } from "vitest";

import { readRecord, writeRecord, type AgentRecord, type Outcome } from "../document/agent-record.ts";
import { writeDocument } from "../document/agents-document.ts";
import { outcomeOf } from "../document/outcome-words.ts";
import { firstScenario, furtherScenarios } from "../scenarios/scenario-table.ts";
import { scenarioIds, type Scenario } from "../scenarios/scenario.ts";
import { shareBed } from "./agent-bed.ts";
import { expectHonestEnd } from "./honest-end.ts";
import { installedMegabytes } from "./installed-size.ts";

/** The first one waits for the installation. */
const firstTimeoutMs = 300_000;
/** Where a run says how long each scenario took. */
const timesFolder = fileURLToPath(new URL("../../../node_modules/.cache/sam-agent-runs", import.meta.url));

export function describeAgent(agentId: CatalogAgentId): void {
  const { name, version } = agentCatalog[agentId];
  const bed = shareBed(agentId);
  const outcomes = new Map<Scenario["id"], Outcome>();
  const times: Record<string, number> = {};
  const expectPlayed = async ({ id, play, end }: Scenario) => {
    const begunAt = Date.now();
    await bed().explained(async (own) => {
      const played = await play(own);
      const task = await expectHonestEnd(own, played, end(own.profile));
      outcomes.set(id, outcomeOf(task, played.seen));
    });
    times[id] = Date.now() - begunAt;
  };

  describe(`${name} ${version}`, () => {
    it.for([firstScenario])("$title", { timeout: firstTimeoutMs }, async (scenario) => {
      await expectPlayed(scenario);
    });

    describe.concurrent("at its work", () => {
      it.for(furtherScenarios)("$title", async (scenario) => {
        await expectPlayed(scenario);
      });
    });

    it("ended as docs/agents.md says", () => {
      mkdirSync(timesFolder, { recursive: true });
      writeFileSync(`${timesFolder}/${agentId}.json`, JSON.stringify(times, null, 2));
      expect(
        scenarioIds.filter((id) => !outcomes.has(id)),
        "scenarios that did not end well",
      ).toEqual([]);
      const record: AgentRecord = {
        agentId,
        version,
        installedMegabytes: installedMegabytes(agentId),
        outcomes: Object.fromEntries(outcomes) as AgentRecord["outcomes"],
      };
      if (process.env["SAM_WRITE_DOCS"] === "1") {
        writeRecord(record);
        writeDocument();
      }
      const kept = readRecord(agentId);
      const { installedMegabytes: _size, ...shown } = record;
      expect(kept, "SAM_WRITE_DOCS=1 writes the record, where this is what it should say").toMatchObject(shown);
      expectCatalogTrue(agentId, outcomes);
    });
  });
}

const endsAfterRefusal = "A refused permission ends its turn.";

/** What the catalog says of an agent before it is chosen is what the run showed. */
function expectCatalogTrue(agentId: CatalogAgentId, outcomes: ReadonlyMap<Scenario["id"], Outcome>): void {
  const { usageScope, limits } = agentCatalog[agentId];
  expect(outcomes.get("changes")?.usage?.scope).toBe(usageScope);
  const isEnded = outcomes.get("refused")?.verdicts.ended?.holds === false;
  expect(limits.includes(endsAfterRefusal)).toBe(isEnded);
}
