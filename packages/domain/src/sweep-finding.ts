/**
 * A finding is one thing that a sweep came across, told by the id of what it is about. The kinds are a closed list: what
 * each means, and whether something was done about it, could not be done, or was only seen.
 */
import type { UserId } from "./ids.ts";

export const findingKinds = {
  not_swept: { outcome: "failed", means: "could not be held against its owner" },
  looked_again: { outcome: "done", means: "was past its deadline and had not moved: it was told to look" },
  owed_after_end: {
    outcome: "done",
    means: "had ended, and owed something with no alarm set for it: it was told to look",
  },
  accepted_without_row: {
    outcome: "done",
    means: "was accepted, and had neither a row nor an alarm that would write it: it was told to look",
  },
  row_written_again: { outcome: "done", means: "its row was behind its owner: it was written again" },
  row_failed: { outcome: "done", means: "its owner is lost: its row was ended" },
  reservation_freed: { outcome: "done", means: "a place for a node that nobody took up: it was given back" },
  listing_failed: { outcome: "failed", means: "the provider could not be asked what it has" },
  unowned: { outcome: "seen", means: "is ours and no node's: it is destroyed after a grace period" },
  kept: { outcome: "seen", means: "is ours and no node's, with work that is saved nowhere else: its owner decides" },
  destroy_asked: { outcome: "done", means: "is ours and no node's: its destruction was asked for" },
  destroy_failed: { outcome: "failed", means: "is ours and no node's, and could not be destroyed" },
  gone: { outcome: "done", means: "was ours and no node's, and is not listed any more" },
  foreign: { outcome: "seen", means: "carries another installation's tag: it is never touched" },
  untagged: { outcome: "seen", means: "carries no installation's tag: it is never touched" },
  unlisted: { outcome: "done", means: "the provider does not list its server: it was told to look" },
} as const satisfies Record<string, { readonly outcome: "done" | "failed" | "seen"; readonly means: string }>;

export type FindingKind = keyof typeof findingKinds;

export interface Finding {
  readonly kind: FindingKind;
  /** The id of a task or a node, or the provider's own of what it lists. */
  readonly subjectId: string;
  /** Whose it is; null: nobody's, or the installation's. */
  readonly ownerId: UserId | null;
  readonly detail: string;
}

export function isFindingKind(kind: string): kind is FindingKind {
  return Object.hasOwn(findingKinds, kind);
}
