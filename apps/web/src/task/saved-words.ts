/** Saved work in words: where it lies, and what that means for whoever wants it back. */
import type { SavedWorkView } from "@sam/protocol/saved-work-api";

import type { Meaning } from "../status/meaning.ts";

export interface SavedFact {
  readonly meaning: Meaning;
  readonly word: string;
}

/** Only what lies elsewhere, too, is safe; what is on one machine alone is yours to decide. */
export function savedFact({ place, forget }: SavedWorkView): SavedFact {
  switch (place) {
    case "remote":
      return forget === null
        ? { meaning: "done", word: "at the remote" }
        : { meaning: "active", word: "at the remote, being removed" };
    case "mirror":
      return { meaning: "yours", word: "on one machine alone" };
    case "lost":
      return { meaning: "failed", word: "lost with its machine" };
    case "removed":
      return { meaning: "unknown", word: "removed" };
  }
}

/** @returns what happens next, in a sentence. */
export function savedNext({ place, forget, isKept, nodeId }: SavedWorkView): string {
  if (isKept) {
    const kept = place === "mirror" ? ` Until it is pushed, ${nodeId} is kept for it.` : "";
    return `What you say next brings it back.${kept}`;
  }
  if (place === "lost") return "Nothing else had it.";
  const why = forget?.cause === "discarded" ? "you discarded it" : "it was delivered";
  return place === "removed" ? `It is not kept any more, since ${why}.` : `It goes, since ${why}.`;
}
