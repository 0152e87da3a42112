/** What a task wants of its person, if anything: an answer to its agent, or the next words. */
import type { TaskView } from "@sam/protocol/task-api";

import type { Permission } from "./permission-view.ts";

export type Wanted =
  | { readonly kind: "answer"; readonly key: string; readonly permission: Permission }
  /** The turn is over, and the work is not delivered yet. */
  | { readonly kind: "words"; readonly key: string };

/** @returns what is wanted now; the same want has the same key. */
export function wantedOf(task: TaskView): Wanted | null {
  const { permission } = task;
  if (permission !== null) return { kind: "answer", key: `answer ${permission.requestId}`, permission };
  if (task.step !== "awaiting_input" || task.canSay !== "next_turn") return null;
  return { kind: "words", key: `words ${task.version}` };
}

/** How it is given from another terminal. */
export function howTo({ kind }: Wanted, taskId: string): string {
  if (kind === "answer") return `Answer with: sam answer ${taskId} <number>`;
  return `It waits for you. Say more with: sam say ${taskId} "…", or end it with: sam deliver ${taskId}`;
}
