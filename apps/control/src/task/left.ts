/** What a task leaves to the one that goes on from it. That one asks when it looks for a node, not when it is begun. */
import type { NodeId, TaskId } from "@sam/domain/ids";
import type { SavedWorkRef } from "@sam/domain/saved-work";
import { workToHandOn } from "@sam/domain/task-decision/saved-work";
import type { TaskFacts } from "@sam/domain/task-facts";

export interface Left {
  /** The node that it has not let go yet: nobody works in its place before. */
  readonly claims: NodeId | null;
  /** The node on which its workspace may stand yet, though that was let go: its teardown was refused. */
  readonly unsavedOn: NodeId | null;
  /** What a workspace that goes on from it begins with. */
  readonly work: SavedWorkRef | null;
  /** The task that it continued itself, where no agent of its own ever began: what that one left is gone on from. */
  readonly before: TaskId | null;
}

export function leftBy(facts: TaskFacts): Left {
  const { nodeId, workspace, agent, workedOn, request } = facts;
  const isUnsaved = workspace?.standing === true && nodeId === null && agent !== null;
  return {
    claims: nodeId,
    unsavedOn: isUnsaved ? workedOn : null,
    work: workToHandOn(facts),
    before: agent === null ? (request.continues?.taskId ?? null) : null,
  };
}
