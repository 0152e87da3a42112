import { readFileSync } from "node:fs";
import { join } from "node:path";

import { agentCatalog, type CatalogAgentId } from "@sam/domain/agent-catalog";
import { z } from "zod";

import { agentCache } from "./agent-bed.ts";

/** Written by whoever installs, at its end. */
const stampSchema = z.object({ bytes: z.number().int().positive() });

/** @returns what an installation takes, in tens of megabytes. */
export function installedMegabytes(agentId: CatalogAgentId): number {
  const stamp = join(agentCache, `${agentId}@${agentCatalog[agentId].version}`, ".sam-installed.json");
  const { bytes } = stampSchema.parse(JSON.parse(readFileSync(stamp, "utf8")));
  return Math.round(bytes / 1e7) * 10;
}
