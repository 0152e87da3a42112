/**
 * The sweep's part for the ledger: lists what the provider has, holds it against our nodes by the tag of this installation,
 * destroys what is ours and no node's, and tells the nodes whose server is missing. What carries another tag, or none, is
 * shown and never touched. A listing that fails says nothing about anything.
 */
import type { SweepContext, SweepPart } from "../sweep/sweep-part.ts";
import { destroyDue } from "./destruction.ts";
import { labelledNodes } from "./labelled-nodes.ts";
import { readEntries, readLedgerState, writeEntries, writeLedgerState, type LedgerState } from "./ledger-book.ts";
import { nextEntries } from "./ledger-entries.ts";
import { readListing, type Thing } from "./listing.ts";
import { tellUnlisted } from "./unlisted-nodes.ts";

/** As often as the setting says, and with every sweep while the provider cannot be asked. */
export const sweepLedger: SweepPart = async (context) => {
  const { world, now } = context;
  const state = await readLedgerState(world.database);
  const { listedAt, failing } = state;
  const isDue = listedAt === null || failing !== null || listedAt + world.settings.ledgerPollMs <= now;
  if (isDue) await compare(context, state);
};

/** Lists and compares now, whenever it was done last. */
export const compareNow: SweepPart = async (context) => {
  await compare(context, await readLedgerState(context.world.database));
};

async function compare(context: SweepContext, state: LedgerState): Promise<void> {
  const { world, now, log } = context;
  const { database, installationId, providerName } = world;
  if (installationId === null) throw new Error("INSTALLATION_ID is not set, so nothing can be told to be ours");
  const things = await list(context, state);
  if (things === null) return;
  log.look(things.length);
  const ours = things.filter(({ installation }) => installation === installationId);
  const nodes = await labelledNodes(context, ours);
  const before = await readEntries(database, providerName);
  const next = nextEntries(before, { provider: providerName, installationId, now, things, nodes });
  for (const finding of next.findings) log.find(finding);
  await writeEntries(database, next);
  await destroyDue(context, world.provider(), next.listed);
  const unlisted = await tellUnlisted(context, ours, state.unlisted);
  await writeLedgerState(database, { listedAt: now, failing: null, unlisted });
}

/** @returns null where the provider cannot be asked: that it lists nothing is then nobody's word. */
async function list({ world, now, log }: SweepContext, state: LedgerState): Promise<readonly Thing[] | null> {
  try {
    return await readListing(world.provider());
  } catch (error) {
    const detail = String(error).slice(0, 500);
    log.find({ kind: "listing_failed", subjectId: world.providerName, ownerId: null, detail });
    await writeLedgerState(world.database, { ...state, failing: { since: state.failing?.since ?? now, detail } });
    return null;
  }
}
