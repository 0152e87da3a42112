/** What a verdict of the ledger means on the page, and what happens next, in words. */
import type { LedgerEntryView } from "@sam/protocol/ledger-api";

import type { Meaning, StatusFact } from "./meaning.ts";

const meaningOf: Readonly<Record<LedgerEntryView["verdict"], readonly [Meaning, string]>> = {
  owned: ["active", "of a node"],
  unowned: ["failed", "ours, no node's"],
  kept: ["yours", "kept, yours to decide"],
  undecided: ["unknown", "its node cannot be asked"],
  foreign: ["failed", "another installation's"],
  untagged: ["failed", "no installation's"],
};

export function statusOfEntry(entry: LedgerEntryView): StatusFact {
  const [meaning, word] = meaningOf[entry.verdict];
  if (entry.missingSince !== null) return { meaning: "unknown", word: "not listed", since: entry.missingSince };
  if (entry.verdict === "unowned" && entry.triedAt !== null && entry.lastError === null) {
    return { meaning, word: "being destroyed", since: entry.triedAt };
  }
  return { meaning, word, since: entry.unownedSince };
}

/** What follows, where it is not a matter of time; see `destroyAt` for that. */
export function nextWords({ verdict, missingSince, attachedTo }: LedgerEntryView): string | null {
  if (missingSince !== null) return "Forgotten when the next listing does not have it either.";
  if (attachedTo !== null && (verdict === "unowned" || verdict === "kept")) return "It goes with its server.";
  switch (verdict) {
    case "owned":
      return "It goes with its node.";
    case "kept":
      return "It is kept until you say that it may go.";
    case "undecided":
      return "It is looked at again with the next listing.";
    case "foreign":
    case "untagged":
      return "Not ours, never touched.";
    case "unowned":
      return null;
  }
}
