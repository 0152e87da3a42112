/**
 * The key that an installation's pushes are signed with: made when it is first needed, and stored like a secret, of an owner
 * that nobody is. So a rotation of the secrets' keys takes it along.
 */
import { makeId } from "@sam/domain/ids";
import { and, eq } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";

import { withinD1 } from "../api/d1-deadline.ts";
import type { Env } from "../env.ts";
import { seal, unseal } from "../secret/secret-cipher.ts";
import { findKeyRing, noKeysMessage, type KeyRing } from "../secret/secret-keys.ts";
import { secretsTable } from "../secret/secret-tables.ts";
import { makeVapidKey, vapidJwkSchema, type VapidJwk } from "./vapid.ts";

/** The last of all ids: no user is ever given it. */
const ref = { ownerId: makeId("user", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"), name: "VAPID_PRIVATE_KEY" };

export type VapidOutcome =
  | { readonly available: true; readonly key: VapidJwk }
  | { readonly available: false; readonly why: string };

/** @returns the key, made where there is none; or why there can be none. */
export async function vapidKey(env: Env, database: DrizzleD1Database, now: number): Promise<VapidOutcome> {
  const ring = await findKeyRing(env);
  if (ring === null) return { available: false, why: noKeysMessage };
  const stored = (await read(database)) ?? (await make(database, ring, now));
  const text = await unseal(ring, ref, stored);
  if (text !== null) return { available: true, key: vapidJwkSchema.parse(JSON.parse(text)) };
  return { available: false, why: "No key that is set opens the key of the notifications: set the older one again." };
}

async function read(database: DrizzleD1Database) {
  const own = and(eq(secretsTable.ownerId, ref.ownerId), eq(secretsTable.name, ref.name));
  const [row] = await withinD1(database.select().from(secretsTable).where(own));
  return row ?? null;
}

/** Of two that make one at once, the first counts. */
async function make(database: DrizzleD1Database, ring: KeyRing, now: number) {
  const sealed = await seal(ring, ref, JSON.stringify(await makeVapidKey()));
  const row = { ...ref, ...sealed, createdAt: now, updatedAt: now };
  await withinD1(database.insert(secretsTable).values(row).onConflictDoNothing().run());
  const stored = await read(database);
  if (stored === null) throw new Error("the key of the notifications was not stored");
  return stored;
}
