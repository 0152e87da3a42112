/** The ledger: what the provider listed last, with the verdict on each thing and since when it stands. */
import type { NodeId, UserId } from "@sam/domain/ids";
import type { LedgerVerdict, ListedKind } from "@sam/domain/ledger";
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const ledgerTable = sqliteTable(
  "ledger",
  {
    provider: text("provider").notNull(),
    kind: text("kind").$type<ListedKind>().notNull(),
    /** The provider's own id. */
    id: text("id").notNull(),
    name: text("name").notNull(),
    status: text("status"),
    /** The installation whose tag it carries, and the node whose label; null: none. */
    installation: text("installation"),
    nodeId: text("node_id").$type<NodeId>(),
    /** The owner of that node; null: not known. */
    ownerId: text("owner_id").$type<UserId>(),
    attachedTo: text("attached_to"),
    createdAt: integer("created_at"),
    sizeBytes: integer("size_bytes"),
    verdict: text("verdict").$type<LedgerVerdict>().notNull(),
    why: text("why").notNull(),
    /** The first listing that showed it. */
    firstSeenAt: integer("first_seen_at").notNull(),
    /** The first listing since which no node owns it: its grace counts from here. */
    unownedSince: integer("unowned_since"),
    /** The first listing since which it is missing. */
    missingSince: integer("missing_since"),
    /** Its owner said that it is to go, whatever lies on it. */
    destroyWantedAt: integer("destroy_wanted_at"),
    /** Noted before its destruction is asked for. */
    triedAt: integer("tried_at"),
    tries: integer("tries").notNull(),
    lastError: text("last_error"),
  },
  (table) => [primaryKey({ columns: [table.provider, table.kind, table.id] })],
);

export type LedgerEntry = typeof ledgerTable.$inferSelect;
