/** The runbook agent's report of a turn, under `_meta["sam.dev/runbook"]` of its answer. */
import { z } from "zod";

const reportSchema = z.object({
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
const responseSchema = z.object({ _meta: z.object({ "sam.dev/runbook": reportSchema }) });

/** @returns what it reports as failed; null where nothing failed, or the answer is another agent's. */
export function runbookFailure(response: unknown): string | null {
  const parsed = responseSchema.safeParse(response);
  if (!parsed.success) return null;
  const { blocks, failed } = parsed.data._meta["sam.dev/runbook"];
  if (failed !== undefined) {
    const { index, exitCode, signal, reason } = failed;
    const how =
      exitCode !== null ? `exited with ${exitCode}` : signal !== null ? `was ended by ${signal}` : `failed (${reason})`;
    return blocks === 0 ? `the prompt was refused (${reason})` : `block ${index + 1} of ${blocks} ${how}`;
  }
  return blocks === 0 ? "the prompt has no sh block" : null;
}
