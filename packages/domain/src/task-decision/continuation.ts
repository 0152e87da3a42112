/**
 * Going on after the end. A final step is never left, so what the user says then is another task's first turn: on the
 * same branch, in the same workspace's place, with the agent's session where it can be loaded. Exactly one task continues
 * another: who was first is written down here, together with the task itself, which begins by an effect until it has.
 */
import type { TaskEvent } from "../task-event.ts";
import type { Continuation, TaskFacts, TaskRequest } from "../task-facts.ts";
import { canSay } from "../user-may.ts";
import type { TaskDraft } from "./draft.ts";
import { workToHandOn } from "./saved-work.ts";

type Continued = Extract<TaskEvent, { type: "continued" }>;

export function continued(draft: TaskDraft, event: Continued): void {
  if (canSay(draft.facts) !== "continues") return;
  draft.set({ continuedBy: event.by });
  draft.note(`Continued by ${event.by}.`);
  draft.effect({ kind: "begin_task", request: continuingRequest(draft.facts, event) });
}

/** What a task that continues another takes over, and what it does not. */
export function noteContinuation(draft: TaskDraft): void {
  const { continues, repository } = draft.facts.request;
  if (continues === null) return;
  const { taskId, branch } = continues;
  const start = repository.branch === null ? "the repository's default branch" : repository.branch;
  const from = repository.branch === branch ? "" : ` Nothing of it was pushed, so it begins at ${start}.`;
  draft.note(`Continues ${taskId} on ${branch}.${from}`);
}

/** The id that was drawn for it stands for something else. The text is shown, so that it is not lost. */
export function continuationRefused(draft: TaskDraft, by: Continued["by"], text: string): void {
  if (draft.facts.continuedBy !== by) return;
  draft.set({ continuedBy: null });
  draft.note(`${by} stands for another request, so nothing continues this task yet. You said: ${text}`);
}

/** @returns the request of the task that continues this one. */
function continuingRequest(facts: TaskFacts, { by, text, summary }: Continued): TaskRequest {
  const { request, branch, verdicts, workedOn } = facts;
  const { taskId, continues } = request;
  const savedWork = workToHandOn(facts);
  const continuation: Continuation = {
    taskId,
    rootTaskId: continues?.rootTaskId ?? taskId,
    branch,
    sessionId: sessionToLoad(facts),
    nodeId: workedOn ?? continues?.nodeId ?? null,
    ...(savedWork === null ? {} : { savedWork }),
    summary,
  };
  // What the remote has under the branch is gone on from; where nothing was pushed, the task begins where this one did.
  const repository = verdicts.pushed?.holds === true ? { ...request.repository, branch } : request.repository;
  return { ...request, taskId: by, prompt: text, repository, continues: continuation };
}

/** A task that never had an agent hands on the session that it was given itself. */
function sessionToLoad({ agent, request }: TaskFacts): string | null {
  if (agent === null || agent.sessionId === null) return request.continues?.sessionId ?? null;
  return agent.canLoadSession ? agent.sessionId : null;
}
