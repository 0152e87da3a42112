/**
 * Nodes whose server the provider does not list. A listing may lag or be wrong, so nothing follows from one: after a
 * second one the NodeLifecycle is told, and asks the provider for that very server by itself.
 */
import type { NodeId, UserId } from "@sam/domain/ids";
import type { NodeState } from "@sam/domain/node-lifecycle";
import { and, asc, eq, gt, inArray } from "drizzle-orm";

import { builtOnce, given } from "../database/built-once.ts";
import { nodesTable } from "../database/schema.ts";
import type { SweepContext } from "../sweep/sweep-part.ts";
import type { LedgerState } from "./ledger-book.ts";
import type { Thing } from "./listing.ts";

/** The states in which a node has a server that runs. */
const servedStates: readonly NodeState[] = ["booting", "ready", "warm", "draining"];
const rowsAtOnce = 500;
const toldAtOnce = 25;
const mostRemembered = 1_000;

interface ServedNode {
  readonly nodeId: NodeId;
  readonly ownerId: UserId;
}

/** @returns which are missing now, and since which listing. */
export async function tellUnlisted(
  context: SweepContext,
  things: readonly Thing[],
  before: LedgerState["unlisted"],
): Promise<LedgerState["unlisted"]> {
  const { now, log, isOver } = context;
  const listed = new Set(things.filter(({ kind }) => kind === "server").map(({ nodeId }) => nodeId));
  const missing = (await servedNodes(context)).filter(({ nodeId }) => !listed.has(nodeId)).slice(0, mostRemembered);
  const since = (nodeId: NodeId) => before[nodeId] ?? now;
  const twice = missing.filter(({ nodeId }) => since(nodeId) < now);
  for (let from = 0; from < twice.length && !isOver(); from += toldAtOnce) {
    await Promise.all(twice.slice(from, from + toldAtOnce).map((node) => tell(context, node)));
  }
  log.look(missing.length);
  return Object.fromEntries(missing.map(({ nodeId }) => [nodeId, since(nodeId)]));
}

async function tell({ world, log }: SweepContext, { nodeId, ownerId }: ServedNode): Promise<void> {
  try {
    await world.node(nodeId).serverUnlisted();
    log.find({ kind: "unlisted", subjectId: nodeId, ownerId, detail: "missing in two listings" });
  } catch (error) {
    log.find({ kind: "not_swept", subjectId: nodeId, ownerId, detail: String(error) });
  }
}

const { nodeId: idOf, ownerId: ownerOf, state: stateOf, provider: providerOf } = nodesTable;

const servedAfter = builtOnce((database) =>
  database
    .select({ nodeId: idOf, ownerId: ownerOf })
    .from(nodesTable)
    .where(and(eq(providerOf, given("provider")), inArray(stateOf, [...servedStates]), gt(idOf, given("last"))))
    .orderBy(asc(idOf))
    .limit(given("limit"))
    .prepare(),
);

async function servedNodes({ world, isOver }: SweepContext): Promise<readonly ServedNode[]> {
  const { database, providerName } = world;
  const found: ServedNode[] = [];
  for (let last = ""; !isOver();) {
    const page = await servedAfter(database).all({ provider: providerName, last, limit: rowsAtOnce });
    found.push(...page);
    if (page.length < rowsAtOnce) break;
    last = page.at(-1)?.nodeId ?? "";
  }
  return found;
}
