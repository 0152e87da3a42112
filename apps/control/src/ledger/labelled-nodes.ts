/**
 * What is known of the nodes whose labels a listing carries. Their rows are read after the listing, and a row stands
 * before its server is asked for: so a server whose row is missing was not made a moment ago.
 */
import type { NodeId, UserId } from "@sam/domain/ids";
import type { LabelledNode } from "@sam/domain/ledger";
import { isFinalNodeState, type NodeState } from "@sam/domain/node-lifecycle";
import { inArray } from "drizzle-orm";

import { nodesTable } from "../database/schema.ts";
import type { SweepContext } from "../sweep/sweep-part.ts";
import type { SweepWorld } from "../sweep/sweep-world.ts";
import type { Thing } from "./listing.ts";

export interface KnownNode {
  readonly node: LabelledNode;
  readonly ownerId: UserId | null;
}

interface NodeRow {
  readonly nodeId: NodeId;
  readonly ownerId: UserId;
  readonly state: NodeState;
}

/** What D1 takes in one statement is bounded. */
const idsAtOnce = 90;
const asksAtOnce = 25;
/** NodeLifecycles that one listing asks; of the others, those whose row leaves no doubt are taken at their row's word. */
const mostAsked = 300;

/** @param things those of this installation. */
export async function labelledNodes(
  { world, isOver }: Pick<SweepContext, "world" | "isOver">,
  things: readonly Thing[],
): Promise<ReadonlyMap<NodeId, KnownNode>> {
  const byNode = Map.groupBy(things, ({ nodeId }) => nodeId);
  const nodeIds = [...byNode.keys()].filter((nodeId) => nodeId !== null);
  const rows = await rowsOf(world, nodeIds);
  const isDoubtful = (nodeId: NodeId) => {
    const row = rows.get(nodeId);
    const servers = byNode.get(nodeId)?.filter(({ kind }) => kind === "server").length ?? 0;
    return row === undefined || isFinalNodeState(row.state) || servers !== 1;
  };
  const known = new Map<NodeId, KnownNode>();
  const order = [...nodeIds.filter(isDoubtful), ...nodeIds.filter((nodeId) => !isDoubtful(nodeId))];
  for (let from = 0; from < order.length; from += asksAtOnce) {
    const canAsk = from < mostAsked && !isOver();
    await Promise.all(
      order.slice(from, from + asksAtOnce).map(async (nodeId) => {
        const row = rows.get(nodeId) ?? null;
        const node = canAsk ? await ask(world, nodeId, row) : unasked(row, isDoubtful(nodeId));
        known.set(nodeId, { node, ownerId: row?.ownerId ?? null });
      }),
    );
  }
  return known;
}

async function rowsOf(world: SweepWorld, nodeIds: readonly NodeId[]): Promise<ReadonlyMap<NodeId, NodeRow>> {
  const { nodeId, ownerId, state } = nodesTable;
  const rows = new Map<NodeId, NodeRow>();
  for (let from = 0; from < nodeIds.length; from += idsAtOnce) {
    const some = nodeIds.slice(from, from + idsAtOnce);
    const found = await world.database.select({ nodeId, ownerId, state }).from(nodesTable).where(inArray(nodeId, some));
    for (const row of found) rows.set(row.nodeId, row);
  }
  return rows;
}

/** Its NodeLifecycle decides; the row only says whether one is to be expected. */
async function ask(world: SweepWorld, nodeId: NodeId, row: NodeRow | null): Promise<LabelledNode> {
  try {
    const view = await world.node(nodeId).view();
    if (view !== null) return { kind: "known", state: view.state, serverId: view.serverId };
  } catch (error) {
    world.report(`the ledger could not ask ${nodeId}`, error);
    return { kind: "unknown", why: `${nodeId} could not be asked` };
  }
  if (row === null || isFinalNodeState(row.state)) return { kind: "none" };
  return { kind: "unknown", why: `the row of ${nodeId} is ${row.state}, and its NodeLifecycle knows nothing of it` };
}

function unasked(row: NodeRow | null, isDoubtful: boolean): LabelledNode {
  if (row === null || isDoubtful) return { kind: "unknown", why: "its node was not asked this time" };
  return { kind: "known", state: row.state, serverId: null };
}
