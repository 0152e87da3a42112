/** One part of the sweep: bounded, and told apart from the others. */
import type { Settings } from "@sam/domain/settings";
import type { DrizzleD1Database } from "drizzle-orm/d1";

import type { Env } from "../env.ts";

export interface SweepContext {
  readonly env: Env;
  readonly database: DrizzleD1Database;
  readonly settings: Settings;
  readonly now: number;
}

export interface SweepOutcome {
  readonly looked: number;
  readonly acted: number;
  /** What went wrong with single rows; null where nothing did. */
  readonly failed: string | null;
}

export type SweepPart = (context: SweepContext) => Promise<SweepOutcome>;

/** Rows that one run of a part looks at; the rest is for the next run, a minute later. */
export const rowsPerRun = 200;

/** How long one owner may take to answer before it counts as unreachable. */
export const probeTimeoutMs = 5_000;

/** Adds up what single rows came to; a row that failed stops no other. */
export function summarize(results: readonly PromiseSettledResult<boolean>[]): SweepOutcome {
  const failures = results.flatMap((result) => (result.status === "rejected" ? [String(result.reason)] : []));
  const acted = results.filter((result) => result.status === "fulfilled" && result.value).length;
  return { looked: results.length, acted, failed: failures.length === 0 ? null : failures.slice(0, 5).join("; ") };
}
