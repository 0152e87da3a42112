/** What an owner is shown of the ledger: what is theirs, what is nobody's, and what is not ours. */
import type { NodeId, UserId } from "@sam/domain/ids";
import { destroyAt } from "@sam/domain/ledger";
import type { Settings } from "@sam/domain/settings";
import { nodeIdSchema } from "@sam/protocol/ids";
import type { LedgerEntryView, LedgerView } from "@sam/protocol/ledger-api";
import { and, eq, inArray } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";

import { nodesTable } from "../database/schema.ts";
import { readEntries, readLedgerState } from "./ledger-book.ts";
import type { LedgerEntry } from "./ledger-tables.ts";

export interface LedgerReader {
  readonly database: DrizzleD1Database;
  readonly settings: Settings;
  readonly provider: string;
  readonly installationId: string | null;
  readonly ownerId: UserId;
}

const mostUnlisted = 50;

export async function ledgerView(reader: LedgerReader): Promise<LedgerView> {
  const { database, settings, provider, installationId, ownerId } = reader;
  const [entries, state] = await Promise.all([readEntries(database, provider), readLedgerState(database)]);
  const shown = entries.filter((entry) => isShown(entry, ownerId));
  const nodeIds = Object.keys(state.unlisted).flatMap((nodeId) => nodeIdSchema.safeParse(nodeId).data ?? []);
  const own = await ownNodes(database, ownerId, nodeIds.slice(0, mostUnlisted));
  return {
    provider,
    installationId,
    listedAt: state.listedAt,
    failing: state.failing,
    pollMs: settings.ledgerPollMs,
    graceMs: settings.ledgerGraceMs,
    entries: shown.map((entry) => entryView(entry, settings)).toSorted((one, other) => weight(one) - weight(other)),
    ofOthers: entries.length - shown.length,
    unlisted: own.flatMap((nodeId) => {
      const since = state.unlisted[nodeId];
      return since === undefined ? [] : [{ nodeId, since }];
    }),
  };
}

/** What belongs to a node of another owner is not shown; what belongs to none is shown to everyone of this installation. */
export function isShown({ ownerId: owner }: LedgerEntry, ownerId: UserId): boolean {
  return owner === null || owner === ownerId;
}

/** What belongs to a server goes with it, and not by itself. */
export function mayDestroy({ verdict, missingSince, attachedTo }: LedgerEntry): boolean {
  return (verdict === "unowned" || verdict === "kept") && missingSince === null && attachedTo === null;
}

export function entryView(entry: LedgerEntry, { ledgerGraceMs }: Settings): LedgerEntryView {
  const { provider: _provider, ownerId: _owner, destroyWantedAt, ...shown } = entry;
  const { verdict, unownedSince } = entry;
  const byItself = verdict === "unowned" && unownedSince !== null ? destroyAt(unownedSince, ledgerGraceMs) : null;
  return {
    ...shown,
    destroyAt: mayDestroy(entry) ? (destroyWantedAt ?? byItself) : null,
    mayDestroy: mayDestroy(entry),
  };
}

const weights: Readonly<Record<LedgerEntry["verdict"], number>> = {
  unowned: 0,
  kept: 1,
  undecided: 2,
  foreign: 3,
  untagged: 4,
  owned: 5,
};

function weight({ verdict, kind }: LedgerEntryView): number {
  return 2 * weights[verdict] + (kind === "server" ? 0 : 1);
}

async function ownNodes(
  database: DrizzleD1Database,
  ownerId: UserId,
  nodeIds: readonly NodeId[],
): Promise<readonly NodeId[]> {
  if (nodeIds.length === 0) return [];
  const own = and(eq(nodesTable.ownerId, ownerId), inArray(nodesTable.nodeId, [...nodeIds]));
  const rows = await database.select({ nodeId: nodesTable.nodeId }).from(nodesTable).where(own);
  return rows.map(({ nodeId }) => nodeId);
}
