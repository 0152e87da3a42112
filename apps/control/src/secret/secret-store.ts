/** Secrets in D1: set, listed without their values, deleted; and opened for one thing alone, the grant of an agent. */
import { agentCatalog, catalogAgentIds } from "@sam/domain/agent-catalog";
import type { UserId } from "@sam/domain/ids";
import type { SecretView } from "@sam/protocol/secret-api";
import { and, asc, count, eq, ne } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";

import { ApiError } from "../api/problem-response.ts";
import { seal, unseal } from "./secret-cipher.ts";
import type { KeyRing } from "./secret-keys.ts";
import { secretsTable } from "./secret-tables.ts";

/** All of an owner's secrets travel in one frame. */
const maxSecrets = 100;

type SecretRow = Pick<typeof secretsTable.$inferSelect, "name" | "createdAt" | "updatedAt">;

const { ownerId: owner, name: nameOf, createdAt, updatedAt } = secretsTable;

export async function listSecrets(database: DrizzleD1Database, ownerId: UserId): Promise<SecretView[]> {
  const rows = await database
    .select({ name: nameOf, createdAt, updatedAt })
    .from(secretsTable)
    .where(eq(owner, ownerId))
    .orderBy(asc(nameOf));
  return rows.map(viewOf);
}

/** Stores the value under the newest key, in place of an older one. */
export async function setSecret(
  database: DrizzleD1Database,
  ring: KeyRing,
  ownerId: UserId,
  secret: { readonly name: string; readonly value: string },
  now: number,
): Promise<SecretView> {
  const { name, value } = secret;
  await requireRoom(database, ownerId, name);
  const sealed = await seal(ring, { ownerId, name }, value);
  const [row] = await database
    .insert(secretsTable)
    .values({ ownerId, name, ...sealed, createdAt: now, updatedAt: now })
    .onConflictDoUpdate({ target: [owner, nameOf], set: { ...sealed, updatedAt: now } })
    .returning({ name: nameOf, createdAt, updatedAt });
  if (row === undefined) throw new Error("the secret was not stored");
  return viewOf(row);
}

/** @returns whether there was one. */
export async function deleteSecret(database: DrizzleD1Database, ownerId: UserId, name: string): Promise<boolean> {
  const result = await database
    .delete(secretsTable)
    .where(and(eq(owner, ownerId), eq(nameOf, name)))
    .run();
  return result.meta.changes > 0;
}

export async function secretNames(database: DrizzleD1Database, ownerId: UserId): Promise<ReadonlySet<string>> {
  const rows = await database.select({ name: nameOf }).from(secretsTable).where(eq(owner, ownerId));
  return new Set(rows.map(({ name }) => name));
}

export interface OpenedSecrets {
  readonly values: ReadonlyMap<string, string>;
  /** The names of those that no key opens. */
  readonly unreadable: readonly string[];
}

/** Decrypts all that an owner has. With no keys none can be read. */
export async function openSecrets(
  database: DrizzleD1Database,
  ring: KeyRing | null,
  ownerId: UserId,
): Promise<OpenedSecrets> {
  const rows = await database.select().from(secretsTable).where(eq(owner, ownerId)).orderBy(asc(nameOf));
  const values = new Map<string, string>();
  const unreadable: string[] = [];
  for (const row of rows) {
    const value = ring === null ? null : await unseal(ring, row, row);
    if (value === null) unreadable.push(row.name);
    else values.set(row.name, value);
  }
  return { values, unreadable };
}

async function requireRoom(database: DrizzleD1Database, ownerId: UserId, name: string): Promise<void> {
  const others = and(eq(owner, ownerId), ne(nameOf, name));
  const [row] = await database.select({ others: count() }).from(secretsTable).where(others);
  if ((row?.others ?? 0) < maxSecrets) return;
  const message = `is one too many: you have ${maxSecrets} secrets; delete one first`;
  throw new ApiError("invalid_input", `name ${message}`, [{ field: "name", message }]);
}

function viewOf({ name, createdAt: made, updatedAt: changed }: SecretRow): SecretView {
  const keyOf = catalogAgentIds.filter((agentId) => agentCatalog[agentId].keyName === name);
  return { name, createdAt: made, updatedAt: changed, keyOf: [...keyOf] };
}
