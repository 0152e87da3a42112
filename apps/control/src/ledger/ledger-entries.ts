/**
 * The entries of the ledger after a listing: pure. An entry remembers since when no node owns it, through listings that
 * lag: what is missing once is kept, and forgotten when a later listing does not have it either.
 */
import { judge, type Judgement } from "@sam/domain/ledger";
import type { Finding, FindingKind } from "@sam/domain/sweep-finding";

import type { KnownNode } from "./labelled-nodes.ts";
import type { LedgerEntry } from "./ledger-tables.ts";
import type { Thing } from "./listing.ts";

export interface ListingResult {
  readonly provider: string;
  readonly installationId: string;
  readonly now: number;
  readonly things: readonly Thing[];
  readonly nodes: ReadonlyMap<string, KnownNode>;
}

export interface NextEntries {
  /** All that the provider lists now. */
  readonly listed: readonly LedgerEntry[];
  /** Those of them and of the missing that differ from what is stored. */
  readonly changed: readonly LedgerEntry[];
  readonly forgotten: readonly LedgerEntry[];
  readonly findings: readonly Finding[];
}

export function nextEntries(before: readonly LedgerEntry[], result: ListingResult): NextEntries {
  const known = new Map(before.map((entry) => [keyOf(entry), entry]));
  const listed = result.things.map((thing) => entryOf(thing, known.get(keyOf(thing)) ?? null, result));
  const present = new Set(listed.map(keyOf));
  const missing = before.filter((entry) => !present.has(keyOf(entry)));
  const forgotten = missing.filter(({ missingSince }) => missingSince !== null && missingSince < result.now);
  const newlyMissing = missing
    .filter(({ missingSince }) => missingSince === null)
    .map((entry) => ({ ...entry, missingSince: result.now }));
  return {
    listed,
    changed: [...listed.filter((entry) => differs(entry, known.get(keyOf(entry)))), ...newlyMissing],
    forgotten,
    findings: [
      ...listed.flatMap((entry) => (known.get(keyOf(entry))?.verdict === entry.verdict ? [] : reported(entry))),
      ...forgotten.flatMap((entry) => (entry.unownedSince === null ? [] : [findingOf(entry, "gone", entry.why)])),
    ],
  };
}

export function keyOf({ kind, id }: Pick<LedgerEntry, "kind" | "id">): string {
  return `${kind} ${id}`;
}

export function findingOf(entry: LedgerEntry, kind: FindingKind, detail: string): Finding {
  return { kind, subjectId: entry.id, ownerId: entry.ownerId, detail: `${entry.kind} ${entry.name}: ${detail}` };
}

function entryOf(thing: Thing, before: LedgerEntry | null, result: ListingResult): LedgerEntry {
  const { now, provider, installationId, nodes } = result;
  const { holdsUnsavedWork: _unsaved, ...shown } = thing;
  const known = thing.nodeId === null ? undefined : nodes.get(thing.nodeId);
  const judgement = judge(thing, installationId, known?.node ?? { kind: "none" });
  const isOurs = thing.installation === installationId;
  const since = unownedSince(judgement, before, now);
  const tried = since === null ? null : before;
  return {
    provider,
    ...shown,
    ownerId: isOurs ? (known?.ownerId ?? before?.ownerId ?? null) : null,
    ...judgement,
    firstSeenAt: before?.firstSeenAt ?? now,
    unownedSince: since,
    missingSince: null,
    destroyWantedAt: tried?.destroyWantedAt ?? null,
    triedAt: tried?.triedAt ?? null,
    tries: tried?.tries ?? 0,
    lastError: tried?.lastError ?? null,
  };
}

/** A node that cannot be asked for a while does not begin the grace anew. */
function unownedSince({ verdict }: Judgement, before: LedgerEntry | null, now: number): number | null {
  if (verdict === "unowned" || verdict === "kept") return before?.unownedSince ?? now;
  return verdict === "undecided" ? (before?.unownedSince ?? null) : null;
}

function reported(entry: LedgerEntry): Finding[] {
  const { verdict, why } = entry;
  return verdict === "owned" || verdict === "undecided" ? [] : [findingOf(entry, verdict, why)];
}

function differs(entry: LedgerEntry, before: LedgerEntry | undefined): boolean {
  if (before === undefined) return true;
  const one = Object.entries(before);
  const other = new Map(Object.entries(entry));
  return one.some(([name, value]) => other.get(name) !== value);
}
