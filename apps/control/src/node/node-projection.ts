/** The D1 row of a node: a projection of its NodeLifecycle, under the same rules as a task's. */
import type { NodeTransition } from "@sam/domain/node-event";
import { lt } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";

import { nodesTable } from "../database/schema.ts";

export type NodeProjection = typeof nodesTable.$inferInsert;

export function projectionOf({ facts, at }: Pick<NodeTransition, "facts" | "at">): NodeProjection {
  const { nodeId, ownerId, provider, machineType } = facts.request;
  const { state, version, createdAt, deadlineAt } = facts;
  const agents = facts.bootId === null ? null : facts.agents;
  return { nodeId, ownerId, provider, machineType, state, version, createdAt, updatedAt: at, deadlineAt, agents };
}

export async function writeProjection(database: DrizzleD1Database, row: NodeProjection): Promise<void> {
  const { state, version, updatedAt, deadlineAt, agents } = row;
  await database
    .insert(nodesTable)
    .values(row)
    .onConflictDoUpdate({
      target: nodesTable.nodeId,
      set: { state, version, updatedAt, deadlineAt, agents },
      setWhere: lt(nodesTable.version, version),
    })
    .run();
}
