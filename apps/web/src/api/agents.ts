/** Agents: the catalog with your settings, and the small real turn that proves one. */
import { agentListSchema, type checkAgentSchema, oneAgentSchema, type setAgentSchema } from "@sam/protocol/agent-api";
import { taskViewSchema } from "@sam/protocol/task-api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { z } from "zod";

import { apiPath } from "../path-builder.ts";
import { ask } from "./client.ts";
import { keepTask, taskKeys } from "./tasks.ts";

export const agentKeys = { all: ["agents"] as const };
const pollMs = 30_000;
const oneTask = z.object({ task: taskViewSchema });

export function useAgents() {
  return useQuery({
    queryKey: agentKeys.all,
    queryFn: async ({ signal }) => (await ask({ path: apiPath.agents, answer: agentListSchema, signal })).agents,
    refetchInterval: pollMs,
  });
}

export type SetAgentInput = z.input<typeof setAgentSchema>;

export function useSetAgent(agentId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: SetAgentInput) =>
      (await ask({ method: "PUT", path: apiPath.agentSettings(agentId), body, answer: oneAgentSchema })).agent,
    onSettled: () => client.invalidateQueries({ queryKey: agentKeys.all }),
  });
}

export type CheckAgentInput = z.input<typeof checkAgentSchema>;

/** Submits the small turn; its end says what works. */
export function useCheckAgent(agentId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: CheckAgentInput) =>
      (await ask({ method: "POST", path: apiPath.checkAgent(agentId), body, answer: oneTask })).task,
    onSuccess: (task) => keepTask(client, task),
    onSettled: () => client.invalidateQueries({ queryKey: taskKeys.all }),
  });
}
