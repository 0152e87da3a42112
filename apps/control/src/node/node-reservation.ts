/**
 * A reserved node: its row stands in D1 before its NodeLifecycle begins, with version 0. D1 takes one statement at a
 * time, so tasks that search at once cannot reserve more nodes than there may be.
 */
import type { NodeId, UserId } from "@sam/domain/ids";
import type { Settings } from "@sam/domain/settings";
import { and, eq, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";

import { nodesTable } from "../database/schema.ts";

export interface Reservation {
  readonly nodeId: NodeId;
  readonly ownerId: UserId;
  readonly provider: string;
  readonly machineType: string;
}

/** @returns false where this owner has as many nodes as there may be. */
export async function reserveNode(
  database: DrizzleD1Database,
  { nodeId, ownerId, provider, machineType }: Reservation,
  settings: Settings,
  now: number,
): Promise<boolean> {
  const result = await database.run(sql`
    INSERT INTO nodes (node_id, owner_id, provider, machine_type, state, version, created_at, updated_at, deadline_at)
    SELECT ${nodeId}, ${ownerId}, ${provider}, ${machineType}, 'requested', 0, ${now}, ${now}, ${now + settings.nodeRequestMs}
    WHERE (SELECT count(*) FROM nodes WHERE owner_id = ${ownerId} AND state <> 'destroyed') < ${settings.maxNodes}`);
  return result.meta.changes > 0;
}

/** @returns whether this node's row stands, and its NodeLifecycle has not said anything yet. */
export async function isReserved(database: DrizzleD1Database, nodeId: NodeId): Promise<boolean> {
  const reserved = and(eq(nodesTable.nodeId, nodeId), eq(nodesTable.version, 0), eq(nodesTable.state, "requested"));
  const rows = await database.select({ nodeId: nodesTable.nodeId }).from(nodesTable).where(reserved);
  return rows.length > 0;
}

/** Whoever reserved it is lost. No server was ever asked for, since a NodeLifecycle begins before that. */
export async function freeReservation(database: DrizzleD1Database, nodeId: NodeId, now: number): Promise<void> {
  await database
    .update(nodesTable)
    .set({ state: "destroyed", updatedAt: now, deadlineAt: null })
    .where(and(eq(nodesTable.nodeId, nodeId), eq(nodesTable.version, 0)))
    .run();
}
