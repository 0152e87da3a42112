/** The link that `npm start` prints: it signs in once, within a quarter of an hour. The database holds its hash alone. */
import { createHash, randomBytes } from "node:crypto";

import { type Door, statement } from "./door.ts";

export const linkLifetimeMs = 15 * 60_000;

/** Stores a new link's hash. @returns its URL; the token stands in the fragment, which no server is sent. */
export async function makeSignInUrl(door: Door, url: string, ownerId: string, nowMs: number): Promise<string> {
  const token = randomBytes(32).toString("base64url");
  const hash = createHash("sha256").update(token).digest("hex");
  await door.batch([
    statement(
      "INSERT INTO sign_in_links (token_hash, owner_id, created_at, expires_at) VALUES (?, ?, ?, ?)",
      hash,
      ownerId,
      nowMs,
      nowMs + linkLifetimeMs,
    ),
  ]);
  return `${url}/sign-in#${token}`;
}
