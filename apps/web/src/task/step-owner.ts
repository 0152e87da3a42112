/** Who is expected to move a step on, and what counts as its progress: from the lifecycle table, in words. */
import { describeConsequence, type StepOwner, taskLifecycle, type TaskStep } from "@sam/domain/task-lifecycle";

const owners: Readonly<Record<StepOwner, string>> = {
  task_runner: "the task's runner",
  node_lifecycle: "the node's lifecycle",
  vm_agent: "the VM agent on the node",
  agent: "the coding agent",
  user: "you",
};

export function ownerWord(step: TaskStep): string | null {
  const row = taskLifecycle[step];
  return row.final ? null : owners[row.owner];
}

/** @returns null where nothing short of the next step is progress. */
export function progressMeaning(step: TaskStep): string | null {
  const row = taskLifecycle[step];
  return row.final ? null : row.progress;
}

/** What happens where the step makes no progress for its limit. */
export function progressConsequence(step: TaskStep): string | null {
  const row = taskLifecycle[step];
  return row.final || row.progressDeadline === null ? null : describeConsequence(row.progressDeadline.then);
}
