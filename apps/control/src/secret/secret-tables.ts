/** The secrets of owners: ciphertexts only. The keys stand in the environment, never in the database. */
import type { UserId } from "@sam/domain/ids";
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const secretsTable = sqliteTable(
  "secrets",
  {
    ownerId: text("owner_id").$type<UserId>().notNull(),
    name: text("name").notNull(),
    /** Base64 of the AES-GCM ciphertext with its tag, and of its 96 random bits. */
    ciphertext: text("ciphertext").notNull(),
    iv: text("iv").notNull(),
    /** The key that it is under, by its id. */
    keyId: text("key_id").notNull(),
    createdAt: integer("created_at").notNull(),
    /** When its value was set; a rotation does not move it. */
    updatedAt: integer("updated_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.ownerId, table.name] })],
);
