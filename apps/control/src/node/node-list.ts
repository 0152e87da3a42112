/** The nodes of an owner: D1 lists them, each NodeLifecycle says what it is now. */
import { isId, type NodeId, type UserId } from "@sam/domain/ids";
import type { NodeView } from "@sam/protocol/node-api";
import { and, desc, eq, ne, or, gt } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";

import { nodesTable } from "../database/schema.ts";
import type { Env } from "../env.ts";
import { within } from "../lifecycle/deadline.ts";

const callTimeoutMs = 5_000;
const recentMs = 60 * 60 * 1000;

/** All nodes that are not destroyed, and those destroyed within the last hour. */
export async function listNodes(env: Env, ownerId: UserId, now: number) {
  const shown = or(ne(nodesTable.state, "destroyed"), gt(nodesTable.updatedAt, now - recentMs));
  const rows = await drizzle(env.DB)
    .select()
    .from(nodesTable)
    .where(and(eq(nodesTable.ownerId, ownerId), shown))
    .orderBy(desc(nodesTable.createdAt))
    .limit(200);
  const asked = await Promise.all(
    rows.map(async (row) => ({ row, view: await viewOf(env, row.nodeId).catch(() => null) })),
  );
  return {
    nodes: asked.flatMap(({ view }) => (view === null ? [] : [view])),
    unreachable: asked.flatMap(({ row, view }) => {
      const { ownerId: _ownerId, agents: _agents, ...shownRow } = row;
      return view === null ? [shownRow] : [];
    }),
  };
}

/** @returns the node's id where this owner has such a node, or null. */
export async function ownNode(env: Env, ownerId: UserId, nodeId: string): Promise<NodeId | null> {
  if (!isId("node", nodeId)) return null;
  const own = and(eq(nodesTable.nodeId, nodeId), eq(nodesTable.ownerId, ownerId));
  const rows = await drizzle(env.DB).select({ nodeId: nodesTable.nodeId }).from(nodesTable).where(own);
  return rows[0]?.nodeId ?? null;
}

export async function viewOf(env: Env, nodeId: NodeId): Promise<NodeView | null> {
  return within(nodeId, callTimeoutMs, env.NODE_LIFECYCLE.getByName(nodeId).view());
}
