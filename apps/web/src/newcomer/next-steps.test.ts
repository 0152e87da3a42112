import { makeId } from "@sam/domain/ids";
import type { ProjectView } from "@sam/protocol/project-api";
import { describe, expect, it } from "vitest";

import { agentView } from "../testing/agents.ts";
import { taskId, taskRow } from "../testing/task-rows.ts";
import { isNewcomer, type NewcomerFacts, nextStepFacts } from "./next-steps.ts";

const sample = "/home/ada/.sam/sample";
const defaults = { agentId: "codex", checkCommand: null, permissionPolicy: "ask", mode: "task" } as const;
const project = (repositoryUrl: string): ProjectView => ({
  projectId: makeId("proj", "01K00000000000000000000009"),
  repositoryUrl,
  name: "x",
  createdAt: 1,
  defaults,
});
const codex = agentView({ keyIsSet: false, lacks: "OPENAI_API_KEY is not set." });
const firstRun: NewcomerFacts = {
  system: {
    version: "0.1.0",
    installationId: "i",
    ownerId: "o",
    provider: "local",
    sampleRepository: sample,
    firstTaskId: taskId,
    isolation: null,
    breakable: true,
    lastSweep: null,
  },
  tasks: [taskRow({ repositoryUrl: sample, step: "completed" })],
  agents: [codex],
  projects: [project(sample)],
};

describe("a newcomer", () => {
  it("is shown the first task, and has done nothing of their own", () => {
    expect(nextStepFacts(firstRun)).toMatchObject({ hasReadyAgent: false, ownProject: null, hasOwnTask: false });
    expect(nextStepFacts(firstRun).firstTask?.taskId).toBe(taskId);
  });

  it("stays one until an agent is ready and a task of their own was submitted", () => {
    const own = { ...firstRun, projects: [project("/home/ada/src/billing")], tasks: [taskRow()] };
    expect(isNewcomer(nextStepFacts(own))).toBe(true);
    expect(isNewcomer(nextStepFacts({ ...own, agents: [{ ...codex, lacks: null }] }))).toBe(false);
  });

  it("is not helped by the agent without a model", () => {
    const runbook = { ...codex, agentId: "runbook", npmPackage: null, lacks: null };
    expect(nextStepFacts({ ...firstRun, agents: [runbook] }).hasReadyAgent).toBe(false);
  });
});
