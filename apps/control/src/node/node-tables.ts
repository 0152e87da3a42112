/** The tables of a NodeLifecycle: those of every lifecycle, its VM agent's tokens and boots, and the commands. */
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Only hashes: the token itself is known to the VM agent alone. */
export const tokensTable = sqliteTable("tokens", {
  hash: text("hash").primaryKey(),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
});

/** Each start of a VM agent here that ever said hello. All but the newest were replaced, and their words are void. */
export const bootsTable = sqliteTable("boots", {
  bootId: text("boot_id").primaryKey(),
  firstHelloAt: integer("first_hello_at").notNull(),
});

/** Kept until the VM agent has each on its own disk, in the order in which they were given. */
export const commandsTable = sqliteTable("commands", {
  position: integer("position").primaryKey({ autoIncrement: true }),
  commandId: text("command_id").notNull().unique(),
  taskId: text("task_id").notNull(),
  command: text("command").notNull(),
  acknowledgedAt: integer("acknowledged_at"),
});
