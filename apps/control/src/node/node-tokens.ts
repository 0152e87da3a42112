/** A node's tokens: each valid for this node alone, until it expires. Only hashes are kept. */
import { and, eq, gt, lte } from "drizzle-orm";
import type { DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";

import { drawToken, hashToken } from "../api/token.ts";
import { tokensTable } from "./node-tables.ts";

export interface MintedToken {
  readonly token: string;
  readonly tokenExpiresAt: number;
}

const renewAfterMs = 24 * 60 * 60 * 1000;

export class NodeTokens {
  readonly #database: DrizzleSqliteDODatabase;
  readonly #lifetimeMs: number;

  constructor(database: DrizzleSqliteDODatabase, lifetimeMs: number) {
    this.#database = database;
    this.#lifetimeMs = lifetimeMs;
  }

  async mint(now: number): Promise<MintedToken> {
    const token = drawToken();
    const tokenExpiresAt = now + this.#lifetimeMs;
    const hash = await hashToken(token);
    this.#database.delete(tokensTable).where(lte(tokensTable.expiresAt, now)).run();
    this.#database.insert(tokensTable).values({ hash, createdAt: now, expiresAt: tokenExpiresAt }).run();
    return { token, tokenExpiresAt };
  }

  /** @returns whether the token is this node's and has not expired, and whether it is time for a new one. */
  async check(token: string, now: number): Promise<{ readonly valid: boolean; readonly renew: boolean }> {
    const hash = await hashToken(token);
    const row = this.#database
      .select({ createdAt: tokensTable.createdAt })
      .from(tokensTable)
      .where(and(eq(tokensTable.hash, hash), gt(tokensTable.expiresAt, now)))
      .get();
    return { valid: row !== undefined, renew: row !== undefined && now - row.createdAt > renewAfterMs };
  }
}
