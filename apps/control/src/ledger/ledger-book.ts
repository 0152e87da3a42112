/** The ledger's book in D1: its entries, when the provider was last listed, and which nodes' servers are missing there. */
import { nodeIdSchema } from "@sam/protocol/ids";
import { and, eq, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { z } from "zod";

import { builtOnce, given } from "../database/built-once.ts";
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
const statementsAtOnce = 50;

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

export async function writeEntries(database: DrizzleD1Database, next: NextEntries): Promise<void> {
  const statements = [
    ...next.forgotten.map((entry) => database.delete(ledgerTable).where(isEntry(entry))),
    ...next.changed.map((entry) => upsert(database, entry)),
  ];
  for (let from = 0; from < statements.length; from += statementsAtOnce) {
    const [first, ...others] = statements.slice(from, from + statementsAtOnce);
    if (first !== undefined) await database.batch([first, ...others]);
  }
}

/**
 * Of two sweeps at once, the earlier sight counts. What its owner said and what was tried is written by others, and is void
 * once it has a node.
 */
function upsert(database: DrizzleD1Database, entry: LedgerEntry) {
  const { provider: _provider, kind: _kind, id: _id, firstSeenAt: _first, ...seen } = entry;
  const { destroyWantedAt: _wanted, triedAt: _triedAt, tries: _tries, lastError: _error, ...others } = seen;
  const set = entry.unownedSince === null ? seen : others;
  return database
    .insert(ledgerTable)
    .values(entry)
    .onConflictDoUpdate({ target: [ledgerTable.provider, ledgerTable.kind, ledgerTable.id], set });
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
