/** A task that awaits its owner, or something else of them than before, calls them: they may be nowhere near its page. */
import type { TaskDraft } from "./draft.ts";

export function callOwner(draft: TaskDraft): void {
  const { permission } = draft.facts;
  draft.set({ releaseAt: draft.now + draft.settings.awaitingReleaseMs });
  draft.effect({
    kind: "notify",
    requestId: permission?.requestId ?? null,
    toolKind: permission?.toolKind ?? null,
    at: draft.now,
  });
}
