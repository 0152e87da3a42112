/** What is asked of a task that waits without its machine goes with a summary: its next agent may not load the session. */
import { isAway } from "@sam/domain/return";
import { summaryOf, type SummedUp } from "@sam/domain/summary";
import type { TaskFacts } from "@sam/domain/task-facts";

import type { AskedEvent } from "./user-request.ts";

export function withSummary(facts: TaskFacts, event: AskedEvent, outline: () => readonly SummedUp[]): AskedEvent {
  if (!isAway(facts) || (event.type !== "answered" && event.type !== "follow_up")) return event;
  return { ...event, summary: summaryOf(facts, outline()) };
}
