/**
 * The destruction of what is ours and no node's: a grace period after the first listing that showed it so, or as soon as
 * its owner says so. Each is decided by the listing and the answers of this very run.
 */
import { destroyAt } from "@sam/domain/ledger";
import type { Provider } from "@sam/providers/provider";

import type { SweepContext } from "../sweep/sweep-part.ts";
import { noteError, noteTry } from "./ledger-book.ts";
import { findingOf } from "./ledger-entries.ts";
import type { LedgerEntry } from "./ledger-tables.ts";

/** In one run; those that were not tried for longest come first, so what fails every time holds up no other. */
const mostDestroyed = 50;
const atOnce = 10;

/** @param listed what the provider lists now. */
export async function destroyDue(
  context: SweepContext,
  provider: Provider,
  listed: readonly LedgerEntry[],
): Promise<void> {
  const { now, isOver, log, world } = context;
  const due = dueNow(listed, now, world.settings.ledgerGraceMs);
  if (due.length > mostDestroyed) log.leave();
  const some = due.slice(0, mostDestroyed);
  for (let from = 0; from < some.length; from += atOnce) {
    if (isOver()) {
      log.leave();
      return;
    }
    await Promise.all(some.slice(from, from + atOnce).map((entry) => destroyOne(context, provider, entry)));
  }
}

export function dueNow(listed: readonly LedgerEntry[], now: number, graceMs: number): readonly LedgerEntry[] {
  const servers = new Set(listed.filter(({ kind }) => kind === "server").map(({ id }) => id));
  return listed
    .filter(({ verdict, unownedSince, destroyWantedAt, attachedTo }) => {
      // What belongs to a server goes with it.
      if (attachedTo !== null && servers.has(attachedTo)) return false;
      if (verdict !== "unowned" && verdict !== "kept") return false;
      if (destroyWantedAt !== null) return true;
      return verdict === "unowned" && unownedSince !== null && destroyAt(unownedSince, graceMs) <= now;
    })
    .toSorted((one, other) => (one.triedAt ?? 0) - (other.triedAt ?? 0));
}

/** Never throws: one that cannot be destroyed is a finding, and is tried again with the next listing. */
async function destroyOne({ world, now, log }: SweepContext, provider: Provider, entry: LedgerEntry): Promise<void> {
  const { database } = world;
  try {
    await noteTry(database, entry, now);
    const answer = await destroyAtProvider(provider, entry);
    if (entry.lastError !== null) await noteError(database, entry, null);
    log.find(
      answer === "kept"
        ? findingOf(entry, "kept", "work lies on it that is saved nowhere else")
        : findingOf(entry, "destroy_asked", `${entry.why}; the provider says ${answer}`),
    );
  } catch (error) {
    const why = String(error).slice(0, 500);
    log.find(findingOf(entry, "destroy_failed", why));
    await noteError(database, entry, why).catch((unwritten: unknown) => {
      world.report(`the ledger's note on ${entry.kind} ${entry.id}`, unwritten);
    });
  }
}

async function destroyAtProvider(
  provider: Provider,
  { kind, id, destroyWantedAt }: LedgerEntry,
): Promise<"deleting" | "gone" | "kept"> {
  if (kind === "server") return provider.destroyServer(id);
  if (provider.resources === undefined) throw new Error(`${provider.name} offers no ${kind}`);
  return provider.resources.destroy({ kind, id, evenUnsaved: destroyWantedAt !== null });
}
