/** Web Push in D1: the browsers that an owner has subscribed, and the receipt of each push to one of them. */
import type { TaskId, UserId } from "@sam/domain/ids";
import type { pushTopics } from "@sam/protocol/push-api";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

export const pushSubscriptionsTable = sqliteTable(
  "push_subscriptions",
  {
    subscriptionId: text("subscription_id").primaryKey(),
    ownerId: text("owner_id").$type<UserId>().notNull(),
    /** Where its push service takes pushes for it; whoever knows it can do no more than be refused. */
    endpoint: text("endpoint").notNull(),
    /** The browser's public key and shared secret, base64url. */
    p256dh: text("p256dh").notNull(),
    auth: text("auth").notNull(),
    browser: text("browser").notNull(),
    createdAt: integer("created_at").notNull(),
    failingSince: integer("failing_since"),
    problem: text("problem"),
  },
  (table) => [
    uniqueIndex("push_subscriptions_by_endpoint").on(table.endpoint),
    index("push_subscriptions_by_owner").on(table.ownerId, table.createdAt),
  ],
);

export const pushReceiptsTable = sqliteTable(
  "push_receipts",
  {
    /** The task's effect and the browser: sent again it is the same push. */
    pushId: text("push_id").primaryKey(),
    ownerId: text("owner_id").$type<UserId>().notNull(),
    subscriptionId: text("subscription_id").notNull(),
    browser: text("browser").notNull(),
    about: text("about").$type<(typeof pushTopics)[number]>().notNull(),
    taskId: text("task_id").$type<TaskId>(),
    createdAt: integer("created_at").notNull(),
    tries: integer("tries").notNull(),
    sentAt: integer("sent_at"),
    status: integer("status"),
    problem: text("problem"),
    gaveUpAt: integer("gave_up_at"),
    shownAt: integer("shown_at"),
    clickedAt: integer("clicked_at"),
  },
  (table) => [
    index("push_receipts_by_owner").on(table.ownerId, table.createdAt),
    index("push_receipts_by_subscription").on(table.subscriptionId, table.createdAt),
  ],
);
