/** The ledger's book in D1: its entries, when the provider was last listed, and which nodes' servers are missing there. */
import { nodeIdSchema } from "@sam/protocol/ids";
import { and, eq, getTableColumns, sql, type SQL } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import { z } from "zod";

import { builtOnce, excluded, given } from "../database/built-once.ts";
import { jsonOf, readMemory, writeMemory } from "../sweep/sweep-memory.ts";
import type { NextEntries } from "./ledger-entries.ts";
import { ledgerTable, type LedgerEntry } from "./ledger-tables.ts";

const stateSchema = z.object({
  /** The last whole listing. */
  listedAt: z.number().nullable(),
  failing: z.object({ since: z.number(), detail: z.string() }).nullable(),
  /** Nodes whose server was missing in the last listing, and since which. */
  unlisted: z.record(nodeIdSchema, z.number()),
});
export type LedgerState = z.infer<typeof stateSchema>;

const memory = "ledger";
const entriesAtOnce = 50;

export async function readLedgerState(database: DrizzleD1Database): Promise<LedgerState> {
  const stored = stateSchema.safeParse(jsonOf(await readMemory(database, memory))).data;
  return stored ?? { listedAt: null, failing: null, unlisted: {} };
}

export async function writeLedgerState(database: DrizzleD1Database, state: LedgerState): Promise<void> {
  await writeMemory(database, memory, JSON.stringify(state));
}

const entriesOf = builtOnce((database) =>
  database
    .select()
    .from(ledgerTable)
    .where(eq(ledgerTable.provider, given("provider")))
    .prepare(),
);

export async function readEntries(database: DrizzleD1Database, provider: string): Promise<LedgerEntry[]> {
  return entriesOf(database).all({ provider });
}

export async function readEntry(
  database: DrizzleD1Database,
  key: Pick<LedgerEntry, "provider" | "kind" | "id">,
): Promise<LedgerEntry | null> {
  const rows = await database.select().from(ledgerTable).where(isEntry(key));
  return rows[0] ?? null;
}

export async function writeEntries(database: DrizzleD1Database, { forgotten, changed }: NextEntries): Promise<void> {
  for (const some of portions(forgotten)) {
    const [first, ...others] = some.map((entry) => database.delete(ledgerTable).where(isEntry(entry)));
    if (first !== undefined) await database.batch([first, ...others]);
  }
  for (const some of portions(changed)) await upsert(database).run({ entries: JSON.stringify(some) });
}

function portions(entries: readonly LedgerEntry[]): readonly (readonly LedgerEntry[])[] {
  return Array.from({ length: Math.ceil(entries.length / entriesAtOnce) }, (_, index) =>
    entries.slice(index * entriesAtOnce, (index + 1) * entriesAtOnce),
  );
}

const columns = Object.entries(getTableColumns(ledgerTable));

/**
 * Entries as one text of JSON. Of two sweeps at once, the earlier sight counts. What its owner said and what was tried is
 * written by others, and is void once it has a node.
 */
const upsert = builtOnce((database) => {
  const values = columns.map(([name]) => sql`json_extract(value, ${sql.raw(`'$.${name}'`)})`);
  const seen = columns.filter(([name]) => !["provider", "kind", "id", "firstSeenAt"].includes(name));
  const set = seen.map(([name, column]): [string, SQL] => {
    return [name, writtenByOthers.has(name) ? voidOnceOwned(column) : excluded(column)];
  });
  return database
    .insert(ledgerTable)
    .select(sql`select ${sql.join(values, sql`, `)} from json_each(${given("entries")}) where true`)
    .onConflictDoUpdate({
      target: [ledgerTable.provider, ledgerTable.kind, ledgerTable.id],
      set: Object.fromEntries(set),
    })
    .prepare();
});

const writtenByOthers: ReadonlySet<string> = new Set(["destroyWantedAt", "triedAt", "tries", "lastError"]);

function voidOnceOwned(column: SQLiteColumn): SQL {
  return sql`case when ${excluded(ledgerTable.unownedSince)} is null then ${excluded(column)} else ${column} end`;
}

/** Intent before effect. */
export async function noteTry(database: DrizzleD1Database, entry: LedgerEntry, now: number): Promise<void> {
  const tried = { triedAt: now, tries: sql`${ledgerTable.tries} + 1` };
  await database.update(ledgerTable).set(tried).where(isEntry(entry)).run();
}

export async function noteError(database: DrizzleD1Database, entry: LedgerEntry, why: string | null): Promise<void> {
  await database.update(ledgerTable).set({ lastError: why }).where(isEntry(entry)).run();
}

/** Its owner wants it gone, whatever lies on it. */
export async function wantDestroyed(database: DrizzleD1Database, entry: LedgerEntry, now: number): Promise<void> {
  await database.update(ledgerTable).set({ destroyWantedAt: now }).where(isEntry(entry)).run();
}

function isEntry({ provider, kind, id }: Pick<LedgerEntry, "provider" | "kind" | "id">) {
  return and(eq(ledgerTable.provider, provider), eq(ledgerTable.kind, kind), eq(ledgerTable.id, id));
}
