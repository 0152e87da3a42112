/**
 * An agent's record is what a run of its scenarios showed, in words that are the same in each run. The records are kept
 * beside this file's folder, docs/agents.md is made of them, and a run that shows something else than its record fails.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

import { catalogAgentIds, type CatalogAgentId } from "@sam/domain/agent-catalog";
import { finalSteps } from "@sam/domain/task-lifecycle";
import { failureReasonSchema } from "@sam/protocol/failure-reason";
import { turnUsageSchema } from "@sam/protocol/turn-report";
import { z } from "zod";

import { scenarioIds } from "../scenarios/scenario.ts";

const outcomeSchema = z.object({
  step: z.enum(finalSteps),
  colour: z.enum(["green", "amber", "red"]),
  reason: failureReasonSchema.nullable(),
  /** Null: nobody looked. */
  verdicts: z.object({
    /** The stop reason, where the turn ended as it should. */
    ended: z.object({ holds: z.boolean(), stopReason: z.string() }).nullable(),
    producedFiles: z.number().int().nullable(),
    checked: z.enum(["passed", "failed", "not_configured"]).nullable(),
    pushed: z.boolean().nullable(),
  }),
  usage: turnUsageSchema.nullable(),
  seen: z.string().nullable(),
});
export type Outcome = z.infer<typeof outcomeSchema>;

const recordSchema = z.object({
  agentId: z.enum(catalogAgentIds),
  version: z.string(),
  /** What its installation takes where the record was written; that differs from machine to machine. */
  installedMegabytes: z.number().int().positive(),
  outcomes: z.record(z.enum(scenarioIds), outcomeSchema),
});
export type AgentRecord = z.infer<typeof recordSchema>;

/** @returns the record that is kept; null where there is none yet. */
export function readRecord(agentId: CatalogAgentId): AgentRecord | null {
  const path = recordPath(agentId);
  return existsSync(path) ? recordSchema.parse(JSON.parse(readFileSync(path, "utf8"))) : null;
}

export function writeRecord(record: AgentRecord): void {
  const path = recordPath(record.agentId);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(recordSchema.parse(record), null, 2)}\n`);
}

function recordPath(agentId: CatalogAgentId): string {
  return fileURLToPath(new URL(`../records/${agentId}.json`, import.meta.url));
}
