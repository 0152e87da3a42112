/** The check of an agent: one small real turn, submitted as a task like any other. Its end says what works. */
import { builtInAgentId } from "@sam/domain/agent-catalog";
import type { UserId } from "@sam/domain/ids";
import type { checkAgentSchema } from "@sam/protocol/agent-api";
import type { TaskView } from "@sam/protocol/task-api";
import { drizzle } from "drizzle-orm/d1";
import type { z } from "zod";

import { withinD1 } from "../api/d1-deadline.ts";
import { ApiError } from "../api/problem-response.ts";
import type { Env } from "../env.ts";
import { requireProject } from "../project/project-store.ts";
import { submit } from "../task/task-routes.ts";

const prompt = "Reply with the single word ready. Change no file.";
/** It has no model to reply: it runs what stands in the prompt. */
const runbookPrompt = "Say that this agent is ready.\n\n```sh\necho ready\n```\n";

export async function checkAgent(
  env: Env,
  ownerId: UserId,
  agentId: string,
  on: z.infer<typeof checkAgentSchema>,
): Promise<TaskView> {
  return submit(env, ownerId, {
    prompt: agentId === builtInAgentId ? runbookPrompt : prompt,
    repository: { url: await repositoryOf(env, ownerId, on), branch: null },
    agentId,
    checkCommand: null,
    mode: "task",
    permissionPolicy: "ask",
  });
}

async function repositoryOf(env: Env, ownerId: UserId, on: z.infer<typeof checkAgentSchema>): Promise<string> {
  if (on.repositoryUrl !== undefined) return on.repositoryUrl;
  if (on.projectId !== undefined) {
    return (await withinD1(requireProject(drizzle(env.DB), ownerId, on.projectId))).repositoryUrl;
  }
  if (env.SAMPLE_REPOSITORY !== undefined && env.SAMPLE_REPOSITORY !== "") return env.SAMPLE_REPOSITORY;
  const message = "is missing: there is no sample repository here, so name one to check the agent on";
  throw new ApiError("invalid_input", `repositoryUrl ${message}`, [{ field: "repositoryUrl", message }]);
}
