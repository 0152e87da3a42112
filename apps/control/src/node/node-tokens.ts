/** A node's tokens: each valid for this node alone, until it expires. Only hashes are kept. */
import { and, eq, gt, lte } from "drizzle-orm";
import type { DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";

import { drawToken, hashToken } from "../api/token.ts";
import { tokensTable } from "./node-tables.ts";

export interface MintedToken {
  readonly token: string;
  readonly tokenExpiresAt: number;
}

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

  /** @returns when the token was made, where it is this node's and has not expired; else null. */
  async madeAt(token: string, now: number): Promise<number | null> {
    const hash = await hashToken(token);
    const row = this.#database
      .select({ createdAt: tokensTable.createdAt })
      .from(tokensTable)
      .where(and(eq(tokensTable.hash, hash), gt(tokensTable.expiresAt, now)))
      .get();
    return row?.createdAt ?? null;
  }
}
