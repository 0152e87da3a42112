/** What becomes of the machine of a task that awaits its person. */
import type { ReleaseView } from "@sam/protocol/task-api";

import { plainLine } from "../terminal/plain-text.ts";
import { duration, timeOfDay } from "../terminal/times.ts";

export function releaseLines(release: ReleaseView, nowMs: number): readonly string[] {
  const { dueAt, savingSince, releasedAt, savedRef, savedOn, kept, comesBack } = release;
  const back = comesBack ? ["comes back now, to be told what you said"] : [];
  if (kept !== null) {
    const why = plainLine(kept.why);
    return [`kept since ${timeOfDay(kept.at)}, since the work on it could not be saved: ${why}`, ...back];
  }
  if (releasedAt !== null) {
    const alone = savedOn === null ? "" : ` on ${savedOn} alone, which is kept for it`;
    const work = savedRef === null ? "there was no work to save" : `work saved at ${savedRef}${alone}`;
    return [`released at ${timeOfDay(releasedAt)}, ${work}; an answer brings the task back`, ...back];
  }
  if (savingSince !== null) return [`released once the work is saved, since ${timeOfDay(savingSince)}`, ...back];
  return dueAt === null ? back : [`released in ${duration(dueAt - nowMs)} if nobody answers, the work saved`];
}
