/**
 * What a colour means, as a closed list. Green is for "done, with evidence" and nothing else; a shape and a word go with
 * each, so that nobody needs to see the colour.
 */
export const meanings = ["done", "active", "yours", "failed", "unknown"] as const;
export type Meaning = (typeof meanings)[number];

/** In words, for those who ask what a colour stands for. */
export const meaningWords: Record<Meaning, string> = {
  done: "done, with evidence",
  active: "in progress, with contact and progress inside their limits",
  yours: "yours to decide, slower than usual, or finished with nothing produced",
  failed: "failed, or costing money with no owner",
  unknown: "not known: nothing is heard of it",
};

/** A status as it is shown: what it means, in a word, and since when where that is known. */
export interface StatusFact {
  readonly meaning: Meaning;
  readonly word: string;
  readonly since: number | null;
}
