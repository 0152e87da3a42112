/** The check of the system itself, where it runs. */
import { findingKinds } from "@sam/domain/sweep-finding";
import type { SweepPartView, SweepView } from "@sam/protocol/sweep-api";

import type { ApiClient } from "../client/api-client.ts";
import type { DataDirectory } from "../data-directory/data-directory.ts";
import { readRunRecord } from "../data-directory/run-record.ts";
import { plainLine } from "../terminal/plain-text.ts";
import { ago } from "../terminal/times.ts";
import type { Check } from "./check.ts";

const mostRows = 5;

export async function checkSystem(directory: DataDirectory, api: ApiClient): Promise<Check> {
  const record = readRunRecord(directory);
  const check = { name: "system", essential: false, gives: "tasks, nodes and their conversations" };
  if (record === null) {
    return { ...check, state: "ok", finding: "not running", remedy: "Start it: sam up. `sam run` starts it by itself" };
  }
  try {
    const { version, lastSweep } = await api.system();
    const failed = lastSweep?.parts.filter((part) => part.failed !== null) ?? [];
    const swept = lastSweep === null ? "no sweep yet" : sweepText(lastSweep, Date.now());
    return {
      ...check,
      state: failed.length === 0 ? "ok" : "limited",
      finding: `version ${version} on ${record.url}, process ${record.pid}; ${swept}`,
      remedy: failed.length === 0 ? null : `In the last sweep failed: ${failed.map(partText).join("; ")}`,
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      ...check,
      state: "limited",
      finding: `process ${record.pid} is there, but: ${why}`,
      remedy: `Its log is in ${directory.logs}`,
    };
  }
}

function sweepText({ at, parts }: SweepView, nowMs: number): string {
  const sum = (count: (part: SweepPartView) => number) => parts.reduce((total, part) => total + count(part), 0);
  const rest = parts.every(({ isWhole }) => isWhole) ? "" : ", and goes on with the next one";
  const counts = `looked at ${sum(({ looked }) => looked)}, found ${sum(({ found }) => found)}, did ${sum(({ acted }) => acted)}`;
  return `the last sweep was ${ago(at, nowMs)}: ${counts}${rest}`;
}

function partText({ part, failed, findings }: SweepPartView): string {
  const rows = findings
    .filter(({ kind }) => findingKinds[kind].outcome === "failed")
    .map(({ subjectId, detail }) => `${subjectId}: ${detail}`);
  return plainLine(`${part} (${[failed ?? "", ...rows.slice(0, mostRows)].join("; ")})`);
}
