/** The sweep's part for its own reports: what is older than they are kept is forgotten. */
import { lt } from "drizzle-orm";

import type { SweepPart } from "./sweep-part.ts";
import { sweepFindingsTable, sweepsTable } from "./sweep-tables.ts";

export const sweepReports: SweepPart = async ({ world: { database, settings }, now, log }) => {
  const before = now - settings.sweepReportsKeptMs;
  const results = await database.batch([
    database.delete(sweepsTable).where(lt(sweepsTable.at, before)),
    database.delete(sweepFindingsTable).where(lt(sweepFindingsTable.lastAt, before)),
  ]);
  const forgotten = results.reduce((sum, { meta }) => sum + meta.changes, 0);
  log.look(forgotten);
  log.act(forgotten);
};
