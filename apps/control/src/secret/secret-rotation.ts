/**
 * Rotation: secrets that are not under the newest key are encrypted anew under it, row by row, each by compare-and-set on
 * its old ciphertext, so that a value which is set at the same time is not overwritten by an older one. It is of the
 * installation, as the keys are, and can be cut off anywhere and called again.
 */
import type { SecretRotation } from "@sam/protocol/secret-api";
import { and, asc, count, eq, gt, ne, or } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";

import { seal, unseal } from "./secret-cipher.ts";
import type { KeyRing } from "./secret-keys.ts";
import { secretsTable } from "./secret-tables.ts";

const batchRows = 50;
/** What one call does at most; what is left is said, and done by the next. */
const batchesPerCall = 20;

type SecretRow = typeof secretsTable.$inferSelect;

export async function rotateSecrets(database: DrizzleD1Database, ring: KeyRing): Promise<SecretRotation> {
  const keyId = ring.newest.id;
  let rotated = 0;
  let unreadable = 0;
  let last: SecretRow | undefined;
  for (let batch = 0; batch < batchesPerCall; batch += 1) {
    const rows = await rowsAfter(database, keyId, last);
    if (rows.length === 0) break;
    last = rows.at(-1);
    for (const row of rows) {
      const outcome = await rotateRow(database, ring, row);
      if (outcome === "rotated") rotated += 1;
      if (outcome === "unreadable") unreadable += 1;
    }
  }
  const older = ne(secretsTable.keyId, keyId);
  const [left] = await database.select({ remaining: count() }).from(secretsTable).where(older);
  return { keyId, rotated, remaining: left?.remaining ?? 0, unreadable };
}

/** In the order of the primary key, so that a row which cannot be read is passed over once and does not hold up others. */
function rowsAfter(database: DrizzleD1Database, keyId: string, last: SecretRow | undefined): Promise<SecretRow[]> {
  const { ownerId, name } = secretsTable;
  const behind =
    last === undefined ? undefined : or(gt(ownerId, last.ownerId), and(eq(ownerId, last.ownerId), gt(name, last.name)));
  return database
    .select()
    .from(secretsTable)
    .where(and(ne(secretsTable.keyId, keyId), behind))
    .orderBy(asc(ownerId), asc(name))
    .limit(batchRows);
}

async function rotateRow(
  database: DrizzleD1Database,
  ring: KeyRing,
  row: SecretRow,
): Promise<"rotated" | "changed_meanwhile" | "unreadable"> {
  const value = await unseal(ring, row, row);
  if (value === null) return "unreadable";
  const sealed = await seal(ring, row, value);
  const result = await database
    .update(secretsTable)
    .set(sealed)
    .where(
      and(
        eq(secretsTable.ownerId, row.ownerId),
        eq(secretsTable.name, row.name),
        eq(secretsTable.ciphertext, row.ciphertext),
      ),
    )
    .run();
  return result.meta.changes > 0 ? "rotated" : "changed_meanwhile";
}
