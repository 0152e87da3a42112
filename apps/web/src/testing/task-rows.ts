/** Tasks for tests: one that is fine in every way, changed where the test says. */
import { makeId } from "@sam/domain/ids";
import type { TaskRow, TaskView } from "@sam/protocol/task-api";

export const taskId = makeId("task", "01K00000000000000000000001");
export const projectId = makeId("proj", "01K00000000000000000000002");
export const nodeId = makeId("node", "01K00000000000000000000003");

/** The moment of the tests. */
export const nowMs = 1_800_000_000_000;

export function taskRow(changes: Partial<TaskRow> = {}): TaskRow {
  return {
    taskId,
    projectId,
    title: "Add a health endpoint",
    agentId: "codex",
    repositoryUrl: "/home/ada/src/billing",
    step: "running",
    version: 5,
    failureReason: null,
    colour: null,
    nodeId,
    createdAt: nowMs - 600_000,
    updatedAt: nowMs - 60_000,
    deadlineAt: nowMs + 600_000,
    ...changes,
  };
}

const proven: TaskView["verdicts"] = {
  ended: { holds: true, stopReason: "end_turn", detail: "" },
  produced: { holds: true, commits: 1, files: 2, insertions: 10, deletions: 1, headCommit: "a".repeat(40) },
  checked: { outcome: "passed", command: "npm test", exitCode: 0, durationMs: 900, outputTail: "" },
  pushed: { holds: true, ref: "refs/heads/sam/x", commit: "a".repeat(40), detail: "" },
};

export function taskView(changes: Partial<TaskView> = {}): TaskView {
  const row = taskRow();
  return {
    taskId,
    projectId,
    title: row.title,
    prompt: row.title,
    repository: { url: row.repositoryUrl, branch: null },
    agentId: row.agentId,
    checkCommand: "npm test",
    mode: "task",
    permissionPolicy: "ask",
    continues: null,
    continuedBy: null,
    step: "running",
    final: false,
    canCancel: true,
    canSay: null,
    canInterrupt: true,
    canDeliver: false,
    version: row.version,
    createdAt: row.createdAt,
    clocks: {
      inStateSince: row.updatedAt,
      lastProgressAt: nowMs - 1_000,
      lastContactAt: nowMs - 5_000,
      frozenAt: null,
    },
    deadlineAt: row.deadlineAt,
    progressDeadlineAt: null,
    waitsFor: "the end of the agent's turn",
    onDeadline: "delivers what there is and fails (turn_timeout)",
    stalledSince: null,
    progress: null,
    modelTrouble: null,
    usage: null,
    waitingTexts: [],
    replies: [],
    queuePlace: null,
    attempt: 1,
    nodeId,
    branch: "sam/x",
    baseCommit: null,
    verdicts: proven,
    failure: null,
    receipt: [],
    unproven: [],
    receiptLines: [],
    canForce: false,
    savedRef: null,
    savedWork: null,
    canDiscardSavedWork: false,
    broughtBack: null,
    release: null,
    permission: null,
    furtherPermissions: 0,
    ...changes,
  };
}
