/** The sweep's part for tokens: an expired one opens nothing, and its hash is forgotten. */
import { lte } from "drizzle-orm";

import { apiTokensTable } from "../database/schema.ts";
import { signInLinksTable, webSessionsTable } from "../session/session-tables.ts";
import type { SweepPart } from "./sweep-part.ts";

export const sweepTokens: SweepPart = async ({ world: { database }, now, log }) => {
  const results = await database.batch([
    database.delete(apiTokensTable).where(lte(apiTokensTable.expiresAt, now)),
    database.delete(signInLinksTable).where(lte(signInLinksTable.expiresAt, now)),
    database.delete(webSessionsTable).where(lte(webSessionsTable.expiresAt, now)),
  ]);
  const forgotten = results.reduce((sum, { meta }) => sum + meta.changes, 0);
  log.look(forgotten);
  log.act(forgotten);
};
