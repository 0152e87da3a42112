/** The tables of a NodeLifecycle: those of every lifecycle, its VM agent's tokens, and the commands on their way. */
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Only hashes: the token itself is known to the VM agent alone. */
export const tokensTable = sqliteTable("tokens", {
  hash: text("hash").primaryKey(),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
});

/** Kept until the VM agent has each on its own disk, in the order in which they were given. */
export const commandsTable = sqliteTable("commands", {
  position: integer("position").primaryKey({ autoIncrement: true }),
  commandId: text("command_id").notNull().unique(),
  taskId: text("task_id").notNull(),
  command: text("command").notNull(),
  acknowledgedAt: integer("acknowledged_at"),
});
