/**
 * A task's status as this page may claim it: what the runner told last, and "not known" once the page itself has lost
 * contact for longer than missed heartbeats would be allowed.
 */
import type { TaskView } from "@sam/protocol/task-api";
import { heartbeatIntervalMs, missedHeartbeats } from "@sam/protocol/version";

import type { LinkState } from "../conversation/live-link.ts";
import type { StatusFact } from "../status/meaning.ts";
import { statusOfTask, stepWord } from "../status/task-status.ts";

/** A page that hears nothing for so long does not say any more how things stand. */
export const pageSilentMs = heartbeatIntervalMs * missedHeartbeats;

/** @returns since when this page hears nothing; null while it does, or where nothing can have changed. */
export function silentSince(task: TaskView, link: LinkState, now: number): number | null {
  if (task.final || link.kind === "live" || link.lostAt === null) return null;
  return now - link.lostAt > pageSilentMs ? link.lostAt : null;
}

export function shownStatus(task: TaskView, link: LinkState, now: number): StatusFact {
  const since = silentSince(task, link, now);
  if (since === null) return statusOfTask(task, now);
  return { meaning: "unknown", word: `not known; it was: ${stepWord(task.step)}`, since };
}
