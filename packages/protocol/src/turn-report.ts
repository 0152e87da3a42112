/** What is reported of a turn beside its updates: usage in one form, and what the node saw of the model's calls. */
import { modelFailureKinds, type ModelCalls, type ModelFailure } from "@sam/domain/model-calls";
import type { TurnUsage } from "@sam/domain/usage";
import { z } from "zod";

const count = z.number().int().nonnegative();

export const turnUsageSchema = z.object({
  scope: z.enum(["turn", "last_call", "session"]),
  inputTokens: count,
  outputTokens: count,
  cachedInputTokens: count.nullable(),
  cost: z.object({ amount: z.number().nonnegative(), currency: z.string().max(8) }).nullable(),
}) satisfies z.ZodType<TurnUsage>;

export const modelFailureSchema = z.object({
  kind: z.enum(modelFailureKinds),
  status: z.number().int().nullable(),
  detail: z.string().max(1024),
}) satisfies z.ZodType<ModelFailure>;

export const modelCallsSchema = z.object({
  calls: count,
  failedCalls: count,
  lastFailure: modelFailureSchema.nullable(),
}) satisfies z.ZodType<ModelCalls>;
