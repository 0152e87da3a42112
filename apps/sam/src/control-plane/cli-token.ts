/** The token of the CLI: new at every start and every day, valid for a week; the database holds its hash alone. */
import { createHash, randomBytes } from "node:crypto";

import type { DataDirectory } from "../data-directory/data-directory.ts";
import { replaceFile } from "../data-directory/files.ts";
import { type Door, statement } from "./door.ts";

const day = 24 * 60 * 60_000;
export const tokenLifetimeMs = 7 * day;
export const tokenRenewalMs = day;

/** Stores a new token's hash, then writes the token where only this user can read it. Expired ones are deleted. */
export async function renewToken(directory: DataDirectory, door: Door, ownerId: string, nowMs: number): Promise<void> {
  const token = randomBytes(32).toString("base64url");
  const hash = createHash("sha256").update(token).digest("hex");
  await door.batch([
    statement("DELETE FROM api_tokens WHERE expires_at <= ?", nowMs),
    statement(
      "INSERT INTO api_tokens (token_hash, owner_id, scope, created_at, expires_at) VALUES (?, ?, 'cli', ?, ?)",
      hash,
      ownerId,
      nowMs,
      nowMs + tokenLifetimeMs,
    ),
  ]);
  replaceFile(directory.token, `${token}\n`, 0o600);
}
