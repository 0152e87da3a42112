/** Sign-in links and the sessions that they opened. Only hashes: who reads the database can sign in with none of it. */
import type { UserId } from "@sam/domain/ids";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const signInLinksTable = sqliteTable("sign_in_links", {
  tokenHash: text("token_hash").primaryKey(),
  ownerId: text("owner_id").$type<UserId>().notNull(),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
  /** A link opens one session: whoever sets this has it. */
  usedAt: integer("used_at"),
});

export const webSessionsTable = sqliteTable("web_sessions", {
  sessionHash: text("session_hash").primaryKey(),
  /** Null: opened before there were proofs; it opens nothing any more. */
  proofHash: text("proof_hash"),
  ownerId: text("owner_id").$type<UserId>().notNull(),
  createdAt: integer("created_at").notNull(),
  renewedAt: integer("renewed_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
});
