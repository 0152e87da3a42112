/** What an agent itself reports as failed, by structure: `end_turn` alone is not success. */
import type { TurnUsage } from "@sam/domain/usage";
import { z } from "zod";

import { clipHead } from "../clipped-text.ts";

/** The runbook agent's report of a turn, under `_meta["sam.dev/runbook"]` of its answer. */
const runbookSchema = z.object({
  blocks: z.number().int(),
  failed: z
    .object({
      index: z.number().int(),
      exitCode: z.number().int().nullable().catch(null),
      signal: z.string().nullable().catch(null),
      reason: z.string().catch("unknown"),
    })
    .optional()
    .catch(undefined),
});

const count = z.number().int().nonnegative();

const responseSchema = z.object({
  stopReason: z.string(),
  usage: z.object({ inputTokens: count, outputTokens: count }).nullish().catch(null),
  _meta: z.looseObject({ "sam.dev/runbook": z.unknown() }).nullish().catch(null),
});

export interface TurnEnd {
  readonly stopReason: string;
  readonly reportedFailure: string | null;
  readonly usage: TurnUsage | null;
}

/** Reads the answer to `session/prompt`. @returns null where it is none. */
export function readTurnEnd(response: unknown): TurnEnd | null {
  const parsed = responseSchema.safeParse(response);
  if (!parsed.success) return null;
  const { stopReason, usage, _meta } = parsed.data;
  const runbook = runbookSchema.safeParse(_meta?.["sam.dev/runbook"]);
  return {
    stopReason: clipHead(stopReason, 64),
    reportedFailure: runbook.success ? runbookFailure(runbook.data) : null,
    usage: usage ? { scope: "turn", ...usage, cachedInputTokens: null, cost: null } : null,
  };
}

function runbookFailure({ blocks, failed }: z.infer<typeof runbookSchema>): string | null {
  if (failed !== undefined) {
    const { index, exitCode, signal, reason } = failed;
    const how =
      exitCode !== null ? `exited with ${exitCode}` : signal !== null ? `was ended by ${signal}` : `failed (${reason})`;
    return blocks === 0 ? `the prompt was refused (${reason})` : `block ${index + 1} of ${blocks} ${how}`;
  }
  return blocks === 0 ? "the prompt has no sh block" : null;
}
