/** The sweep's part for tokens: an expired one opens nothing, and its hash is forgotten. */
import { lte } from "drizzle-orm";

import { apiTokensTable } from "../database/schema.ts";
import type { SweepPart } from "./sweep-part.ts";

export const sweepTokens: SweepPart = async ({ database, now }) => {
  const result = await database.delete(apiTokensTable).where(lte(apiTokensTable.expiresAt, now)).run();
  return { looked: result.meta.changes, acted: result.meta.changes, failed: null };
};
