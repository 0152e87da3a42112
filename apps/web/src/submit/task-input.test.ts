import type { ProjectView } from "@sam/protocol/project-api";
import { submitTaskSchema } from "@sam/protocol/task-api";
import { describe, expect, it } from "vitest";

import { projectId, taskId } from "../testing/task-rows.ts";
import { changedCount, choicesOf, taskInput } from "./task-input.ts";

const project: ProjectView = {
  projectId,
  repositoryUrl: "/home/ada/src/billing",
  name: "billing",
  createdAt: 1,
  defaults: { agentId: "codex", checkCommand: "npm test", permissionPolicy: "allow_edits", mode: "task" },
};

describe("taskInput", () => {
  it("starts from the project's defaults, and the API takes it", () => {
    const input = taskInput(project, taskId, "Do it", choicesOf(project));
    expect(submitTaskSchema.parse(input)).toMatchObject({ taskId, agentId: "codex", checkCommand: "npm test" });
  });

  it("takes an emptied check command for none, and an empty branch for the default one", () => {
    const input = taskInput(project, taskId, "Do it", { ...choicesOf(project), checkCommand: "  " });
    expect(input).toMatchObject({ checkCommand: null, repository: { branch: null } });
  });
});

it("counts what differs from the project", () => {
  expect(changedCount(project, choicesOf(project))).toBe(0);
  expect(changedCount(project, { ...choicesOf(project), branch: "next", mode: "conversation" })).toBe(2);
});
