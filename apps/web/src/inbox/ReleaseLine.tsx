/** What becomes of the machine while a task awaits you: released when, or since when, with the work where; or why it is kept. */
import { plainLine } from "@sam/domain/plain-text";
import type { ReleaseView } from "@sam/protocol/task-api";
import type { ReactNode } from "react";

import { useNow } from "../time/clock.ts";
import { clockText } from "../time/words.ts";
import { Age } from "../ui/Age.tsx";

export function ReleaseLine({ release }: { readonly release: ReleaseView | null }): ReactNode {
  const now = useNow(5_000);
  if (release === null) return null;
  const { dueAt, savingSince, releasedAt, savedRef, savedOn, kept, comesBack } = release;
  const back = comesBack ? " It is being brought back." : "";
  if (kept !== null) {
    return (
      <span>
        Machine kept since {clockText(kept.at, now)}, since the work on it could not be saved: {plainLine(kept.why)}.
        {back}
      </span>
    );
  }
  if (releasedAt !== null) {
    const alone = savedOn === null ? "" : ` on ${savedOn} alone, which is kept for it`;
    const work = savedRef === null ? "there was no work to save" : `work saved at ${savedRef}${alone}`;
    return (
      <span>
        Machine released at {clockText(releasedAt, now)}, {work}. An answer brings the task back.
      </span>
    );
  }
  if (savingSince !== null) {
    return (
      <span>
        The work is being saved since {clockText(savingSince, now)}; then the machine is released.{back}
      </span>
    );
  }
  if (dueAt === null) return comesBack ? <span>It is being brought back, to be told what you said.</span> : null;
  return (
    <span>
      Machine released <Age at={dueAt} /> if nobody answers, the work saved.
    </span>
  );
}
