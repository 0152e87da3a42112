/** `GET /api/health` (no token: liveness alone) and `GET /api/system` (what this installation is and can do). */
import { z } from "zod";

import { isolationSchema } from "./node-channel.ts";
import { sweepSchema } from "./sweep-api.ts";

export const healthSchema = z.object({ ok: z.literal(true), version: z.string() });

export const systemSchema = z.object({
  version: z.string(),
  installationId: z.string(),
  ownerId: z.string(),
  provider: z.string(),
  /** A repository to try things on; null where there is none. */
  sampleRepository: z.string().nullable(),
  /** The first run's task, for a newcomer to look at; null where there is none. */
  firstTaskId: z.string().nullable(),
  isolation: isolationSchema.nullable(),
  /** Whether the caller can break something on purpose here, to see what SAM promises: on their own machine alone. */
  breakable: z.boolean().default(false),
  /** The last sweep that ended: when it ran, what it found and what failed in it. Null before the first. */
  lastSweep: sweepSchema.nullable(),
});
export type SystemView = z.infer<typeof systemSchema>;
