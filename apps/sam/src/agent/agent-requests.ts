/** The API of agents, as the commands speak it. */
import {
  agentListSchema,
  type AgentView,
  type checkAgentSchema,
  oneAgentSchema,
  type setAgentSchema,
} from "@sam/protocol/agent-api";
import type { TaskView } from "@sam/protocol/task-api";
import type { z } from "zod";

import { type ApiClient, oneTaskSchema } from "../client/api-client.ts";

/** Accepting the check's task waits for its row, as a submission does. */
const checkTimeoutMs = 30_000;

/** @param projectId in whose eyes something may be lacking; null: in general. */
export async function listAgents(api: ApiClient, projectId: string | null): Promise<readonly AgentView[]> {
  const query = projectId === null ? "" : `?projectId=${projectId}`;
  return (await api.request("GET", `/api/agents${query}`, agentListSchema)).agents;
}

export async function setAgent(
  api: ApiClient,
  agentId: string,
  body: z.input<typeof setAgentSchema>,
): Promise<AgentView> {
  const path = `/api/agents/${encodeURIComponent(agentId)}/settings`;
  return (await api.request("PUT", path, oneAgentSchema, { body })).agent;
}

/** Submits one small real turn. @returns its task. */
export async function checkAgent(
  api: ApiClient,
  agentId: string,
  body: z.input<typeof checkAgentSchema>,
): Promise<TaskView> {
  const path = `/api/agents/${encodeURIComponent(agentId)}/check`;
  return (await api.request("POST", path, oneTaskSchema, { body, timeoutMs: checkTimeoutMs })).task;
}
