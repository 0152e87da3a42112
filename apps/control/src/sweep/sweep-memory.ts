/** What the sweep keeps in D1 between two runs: its last report, and who could not be reached how often in a row. */
import { eq } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { z } from "zod";

import { sweepMemoryTable } from "../database/schema.ts";

const reportSchema = z.object({
  at: z.number(),
  parts: z.array(z.object({ part: z.string(), looked: z.number(), acted: z.number(), failed: z.string().nullable() })),
});
export type SweepReport = z.infer<typeof reportSchema>;

const lastSweep = "last_sweep";

export async function writeLastSweep(database: DrizzleD1Database, result: SweepReport): Promise<void> {
  await write(database, lastSweep, JSON.stringify(result));
}

export async function readLastSweep(database: DrizzleD1Database): Promise<SweepReport | null> {
  const value = await read(database, lastSweep);
  return value === null ? null : reportSchema.parse(JSON.parse(value));
}

/** @returns how many sweeps in a row, this one included, could not reach the owner of this id. */
export async function countUnreachable(database: DrizzleD1Database, id: string): Promise<number> {
  const sweepsInARow = Number((await read(database, `unreachable ${id}`)) ?? "0") + 1;
  await write(database, `unreachable ${id}`, String(sweepsInARow));
  return sweepsInARow;
}

export async function forgetUnreachable(database: DrizzleD1Database, id: string): Promise<void> {
  await database
    .delete(sweepMemoryTable)
    .where(eq(sweepMemoryTable.name, `unreachable ${id}`))
    .run();
}

async function read(database: DrizzleD1Database, name: string): Promise<string | null> {
  const rows = await database
    .select({ value: sweepMemoryTable.value })
    .from(sweepMemoryTable)
    .where(eq(sweepMemoryTable.name, name));
  return rows[0]?.value ?? null;
}

async function write(database: DrizzleD1Database, name: string, value: string): Promise<void> {
  await database
    .insert(sweepMemoryTable)
    .values({ name, value })
    .onConflictDoUpdate({ target: sweepMemoryTable.name, set: { value } })
    .run();
}
