/** Sign-in links and sessions in D1, by the hashes of their tokens. */
import type { UserId } from "@sam/domain/ids";
import { and, eq, gt, inArray, isNull } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";

import { drawToken, hashToken } from "../api/token.ts";
import { signInLinksTable, webSessionsTable } from "./session-tables.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const linkLifetimeMs = 15 * minuteMs;
const sessionLifetimeMs = 30 * dayMs;
const renewAfterMs = dayMs;

export interface WebSession {
  readonly ownerId: UserId;
  /** What its cookie holds. */
  readonly token: string;
  readonly renewedAt: number;
  readonly expiresAt: number;
}

export interface OpenedSession extends WebSession {
  /** What the page keeps, and nobody is told again. */
  readonly proof: string;
}

/** What a request shows of a session: every token that may be its cookie's, and the proof. */
export interface Shown {
  readonly tokens: readonly string[];
  readonly proof: string | null;
}

/** @returns the token of a new link, which opens one session within a quarter of an hour. */
export async function makeLink(
  database: DrizzleD1Database,
  ownerId: UserId,
  now: number,
): Promise<{ token: string; expiresAt: number }> {
  const token = drawToken();
  const expiresAt = now + linkLifetimeMs;
  const row = { tokenHash: await hashToken(token), ownerId, createdAt: now, expiresAt };
  await database.insert(signInLinksTable).values(row).run();
  return { token, expiresAt };
}

/** @returns the session that the link's token opened; null where there is no such link, or it was used, or is too old. */
export async function openSession(
  database: DrizzleD1Database,
  linkToken: string,
  now: number,
): Promise<OpenedSession | null> {
  // Compare-and-set: of two who use a link at the same time, one has it.
  const [link] = await database
    .update(signInLinksTable)
    .set({ usedAt: now })
    .where(
      and(
        eq(signInLinksTable.tokenHash, await hashToken(linkToken)),
        isNull(signInLinksTable.usedAt),
        gt(signInLinksTable.expiresAt, now),
      ),
    )
    .returning({ ownerId: signInLinksTable.ownerId });
  if (link === undefined) return null;
  const [token, proof] = [drawToken(), drawToken()];
  const kept = { ownerId: link.ownerId, renewedAt: now, expiresAt: now + sessionLifetimeMs };
  const [sessionHash, proofHash] = await Promise.all([hashToken(token), hashToken(proof)]);
  await database
    .insert(webSessionsTable)
    .values({ sessionHash, proofHash, createdAt: now, ...kept })
    .run();
  return { ...kept, token, proof };
}

/** @returns the session of the first of these tokens that is one's whose proof is shown, too. */
export async function findSession(
  database: DrizzleD1Database,
  { tokens, proof }: Shown,
  now: number,
): Promise<WebSession | null> {
  if (tokens.length === 0 || proof === null) return null;
  const hashes = await Promise.all(tokens.map(hashToken));
  const proofHash = await hashToken(proof);
  const rows = await database
    .select()
    .from(webSessionsTable)
    .where(
      and(
        inArray(webSessionsTable.sessionHash, hashes),
        eq(webSessionsTable.proofHash, proofHash),
        gt(webSessionsTable.expiresAt, now),
      ),
    );
  for (const [index, token] of tokens.entries()) {
    const row = rows.find(({ sessionHash }) => sessionHash === hashes[index]);
    if (row !== undefined) return { ...row, token };
  }
  return null;
}

export function isDueForRenewal({ renewedAt }: WebSession, now: number): boolean {
  return now - renewedAt > renewAfterMs;
}

/** @returns when it expires now; null where it was ended meanwhile. */
export async function renewSession(
  database: DrizzleD1Database,
  session: WebSession,
  now: number,
): Promise<number | null> {
  const expiresAt = now + sessionLifetimeMs;
  const result = await database
    .update(webSessionsTable)
    .set({ renewedAt: now, expiresAt })
    .where(eq(webSessionsTable.sessionHash, await hashToken(session.token)))
    .run();
  return result.meta.changes > 0 ? expiresAt : null;
}

export async function endSessions(database: DrizzleD1Database, tokens: readonly string[]): Promise<void> {
  if (tokens.length === 0) return;
  const hashes = await Promise.all(tokens.map(hashToken));
  await database.delete(webSessionsTable).where(inArray(webSessionsTable.sessionHash, hashes)).run();
}
