/** D1's table of saved work: a projection of the task whose work it is, written whenever a machine says something new of it. */
import type { NodeId, TaskId, UserId } from "@sam/domain/ids";
import type { SavedPlace } from "@sam/domain/saved-work";
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const savedWorksTable = sqliteTable(
  "saved_works",
  {
    taskId: text("task_id").$type<TaskId>().primaryKey(),
    ownerId: text("owner_id").$type<UserId>().notNull(),
    title: text("title").notNull(),
    repositoryUrl: text("repository_url").notNull(),
    nodeId: text("node_id").$type<NodeId>().notNull(),
    place: text("place").$type<SavedPlace>().notNull(),
    savedAt: integer("saved_at").notNull(),
    /** All that is known of it, as JSON. */
    work: text("work", { mode: "json" }).$type<unknown>().notNull(),
  },
  (table) => [index("saved_works_by_owner").on(table.ownerId, table.taskId)],
);
