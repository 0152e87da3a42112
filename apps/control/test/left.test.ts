/** What a task leaves to whoever goes on from it: its own work where an agent of it ever worked, else that of the one before. */
import { workspaceIdOf } from "@sam/domain/ids";
import type { SavedWork } from "@sam/domain/saved-work";
import type { TaskFacts } from "@sam/domain/task-facts";
import { lifeIn, nextTaskId, nodeId, taskId } from "@sam/domain/testing/task-life";
import { describe, expect, it } from "vitest";

import { leftBy } from "../src/task/left.ts";

const continues = {
  taskId: nextTaskId,
  rootTaskId: nextTaskId,
  branch: "sam/it",
  sessionId: null,
  nodeId: null,
  summary: "",
};

function continuing(facts: TaskFacts): TaskFacts {
  return { ...facts, request: { ...facts.request, continues } };
}

describe("a task that continues another", () => {
  it("leaves what the other one left, where it ended before any agent of its own began", () => {
    for (const step of ["node_selection", "workspace_creation", "workspace_ready"] as const) {
      const life = lifeIn(step);
      life.happens({ type: "cancel_requested", by: "user" });
      expect(leftBy(continuing(life.facts)).before).toBe(nextTaskId);
    }
  });

  it("leaves its own work, also where it came back for that and never had a workspace again", () => {
    const savedWork: SavedWork = {
      commit: "c".repeat(40),
      baseCommit: "b".repeat(40),
      ...{ files: 1, insertions: 1, deletions: 0, uncommittedFiles: 1, unpushedCommits: 0, leftOut: [] },
      ...{ nodeId, whyNotPushed: null, savedAt: 1, placedAt: 1, forget: null },
      place: "remote",
    };
    const { facts } = lifeIn("running");
    const workspace = { workspaceId: workspaceIdOf(taskId), baseCommit: null, standing: false };
    const left = leftBy(continuing({ ...facts, savedWork, workspace, nodeId: null }));
    expect(left).toMatchObject({ before: null, work: { taskId, commit: savedWork.commit } });
  });
});
