/** Saved work in words: where it lies, and what that means for whoever wants it back. */
import { staysUntil } from "@sam/domain/saved-work";
import type { SavedWorkView } from "@sam/protocol/saved-work-api";

import type { Meaning } from "../status/meaning.ts";
import { ageText } from "../time/words.ts";

export interface SavedFact {
  readonly meaning: Meaning;
  readonly word: string;
}

/** What the words are about. */
type Placed = Pick<SavedWorkView, "place" | "forget" | "isKept" | "nodeId">;

/** Only what lies elsewhere, too, is safe; what is on one machine alone is yours to decide. */
export function savedFact(work: Placed, now: number): SavedFact {
  switch (work.place) {
    case "remote":
      return work.forget === null || staysUntil(work, now) !== null
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

/** @returns what happens next, in words, at `now`, in milliseconds since 1970. */
export function savedNext(work: Placed, now: number): string {
  const { place, forget, isKept, nodeId } = work;
  if (isKept) {
    const kept = place === "mirror" ? ` Until it is pushed, ${nodeId} is kept for it.` : "";
    return `What you say next brings it back.${kept}`;
  }
  if (place === "lost") return "Nothing else had it.";
  const why = forget?.cause === "discarded" ? "you discarded it" : "it was delivered";
  if (place === "removed") return `It is not kept any more, since ${why}.`;
  const until = staysUntil(work, now);
  if (until !== null) return `It goes ${ageText(until, now)}, since ${why}.`;
  const who = place === "mirror" ? nodeId : "a machine of yours that is connected";
  return `It goes when ${who} has removed it, since ${why}.`;
}
