/** The settings of agents: of an owner, and of one project of theirs, which goes before it. */
import type { ProjectId, UserId } from "@sam/domain/ids";
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const agentSettingsTable = sqliteTable(
  "agent_settings",
  {
    ownerId: text("owner_id").$type<UserId>().notNull(),
    /** Empty: of the owner, for every project. */
    projectId: text("project_id").$type<ProjectId | "">().notNull(),
    agentId: text("agent_id").notNull(),
    model: text("model"),
    baseUrl: text("base_url"),
    updatedAt: integer("updated_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.ownerId, table.projectId, table.agentId] })],
);
