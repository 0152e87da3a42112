/** A task as the API shows it, with what a test says of it. */
import { type TaskView, taskViewSchema } from "@sam/protocol/task-api";

export const taskId = "task_01J0000000000000000000000A";

export function someTask(changes: Partial<TaskView> = {}): TaskView {
  return taskViewSchema.parse({
    taskId,
    projectId: "proj_01J0000000000000000000000A",
    title: "Say hello",
    prompt: "Say hello",
    repository: { url: "/srv/sample.git", branch: null },
    agentId: "runbook",
    checkCommand: null,
    mode: "task",
    step: "running",
    final: false,
    canCancel: true,
    version: 1,
    createdAt: 0,
    clocks: { inStateSince: 0, lastProgressAt: null, lastContactAt: null, frozenAt: null },
    deadlineAt: null,
    progressDeadlineAt: null,
    waitsFor: null,
    onDeadline: null,
    stalledSince: null,
    queuePlace: null,
    attempt: 1,
    nodeId: null,
    branch: "sam/say-hello",
    baseCommit: null,
    verdicts: { ended: null, produced: null, checked: null, pushed: null },
    failure: null,
    receipt: [],
    permission: null,
    ...changes,
  });
}
