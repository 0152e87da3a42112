/** The D1 row of a node: a projection of its NodeLifecycle, under the same rules as a task's. */
import type { NodeTransition } from "@sam/domain/node-event";
import { lt, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";

import { builtOnce, excluded, given } from "../database/built-once.ts";
import { nodesTable } from "../database/schema.ts";

export type NodeProjection = typeof nodesTable.$inferSelect;

export function projectionOf({ facts, at }: Pick<NodeTransition, "facts" | "at">): NodeProjection {
  const { nodeId, ownerId, provider, machineType } = facts.request;
  const { state, version, createdAt, deadlineAt } = facts;
  const agents = facts.bootId === null ? null : facts.agents;
  return { nodeId, ownerId, provider, machineType, state, version, createdAt, updatedAt: at, deadlineAt, agents };
}

const upsert = builtOnce((database) =>
  database
    .insert(nodesTable)
    .values({
      nodeId: given("nodeId"),
      ownerId: given("ownerId"),
      provider: given("provider"),
      machineType: given("machineType"),
      state: given("state"),
      version: given("version"),
      createdAt: given("createdAt"),
      updatedAt: given("updatedAt"),
      deadlineAt: given("deadlineAt"),
      // As the text that it is: a null is no text of JSON.
      agents: sql`${given("agents")}`,
    })
    .onConflictDoUpdate({
      target: nodesTable.nodeId,
      set: {
        state: excluded(nodesTable.state),
        version: excluded(nodesTable.version),
        updatedAt: excluded(nodesTable.updatedAt),
        deadlineAt: excluded(nodesTable.deadlineAt),
        agents: excluded(nodesTable.agents),
      },
      setWhere: lt(nodesTable.version, excluded(nodesTable.version)),
    })
    .prepare(),
);

export async function writeProjection(database: DrizzleD1Database, row: NodeProjection): Promise<void> {
  const agents = row.agents === null ? null : JSON.stringify(row.agents);
  await upsert(database).run({ ...row, agents });
}
