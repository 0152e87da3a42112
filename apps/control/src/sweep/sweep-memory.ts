/** What the sweep keeps in D1 between two runs: where each part is, and who could not be reached how often in a row. */
import { eq, inArray } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { z } from "zod";

import { builtOnce, excluded, given } from "../database/built-once.ts";
import { sweepMemoryTable } from "../database/schema.ts";

const placeSchema = z.object({ at: z.number(), id: z.string() });
/** A row's place in the order of a walk: by time, and then by id. */
export type Place = z.infer<typeof placeSchema>;

export async function readPlace(database: DrizzleD1Database, walk: string): Promise<Place | null> {
  const value = await readMemory(database, `place ${walk}`);
  return value === null ? null : (placeSchema.safeParse(jsonOf(value)).data ?? null);
}

export async function writePlace(database: DrizzleD1Database, walk: string, place: Place): Promise<void> {
  await writeMemory(database, `place ${walk}`, JSON.stringify(place));
}

const unreachableSchema = z.object({ sweepsInARow: z.number(), at: z.number() });

/**
 * Two sweeps of one tick count once.
 * @param now the time of this sweep. @returns how many in a row, this one included, could not reach the owner of this id.
 */
export async function countUnreachable(database: DrizzleD1Database, id: string, now: number): Promise<number> {
  const before = unreachableSchema.safeParse(jsonOf(await readMemory(database, unreachable(id)))).data;
  if (before?.at === now) return before.sweepsInARow;
  const sweepsInARow = (before?.sweepsInARow ?? 0) + 1;
  await writeMemory(database, unreachable(id), JSON.stringify({ sweepsInARow, at: now }));
  return sweepsInARow;
}

/** What D1 takes in one statement is bounded. */
const idsAtOnce = 90;

export async function forgetUnreachable(database: DrizzleD1Database, ids: readonly string[]): Promise<void> {
  for (let from = 0; from < ids.length; from += idsAtOnce) {
    const names = ids.slice(from, from + idsAtOnce).map(unreachable);
    await database.delete(sweepMemoryTable).where(inArray(sweepMemoryTable.name, names)).run();
  }
}

function unreachable(id: string): string {
  return `unreachable ${id}`;
}

const valueOf = builtOnce((database) =>
  database
    .select({ value: sweepMemoryTable.value })
    .from(sweepMemoryTable)
    .where(eq(sweepMemoryTable.name, given("name")))
    .prepare(),
);

export async function readMemory(database: DrizzleD1Database, name: string): Promise<string | null> {
  const rows = await valueOf(database).all({ name });
  return rows[0]?.value ?? null;
}

const upsert = builtOnce((database) =>
  database
    .insert(sweepMemoryTable)
    .values({ name: given("name"), value: given("value") })
    .onConflictDoUpdate({ target: sweepMemoryTable.name, set: { value: excluded(sweepMemoryTable.value) } })
    .prepare(),
);

export async function writeMemory(database: DrizzleD1Database, name: string, value: string): Promise<void> {
  await upsert(database).run({ name, value });
}

/** @returns undefined for what is no JSON, such as what was never written. */
export function jsonOf(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
