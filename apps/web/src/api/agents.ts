/** Agents: the catalog with your settings, and the small real turn that proves one. */
import type { TaskId } from "@sam/domain/ids";
import { agentListSchema, type checkAgentSchema, oneAgentSchema, type setAgentSchema } from "@sam/protocol/agent-api";
import { type MessageBody, messagePageSchema } from "@sam/protocol/message";
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

type TurnEnded = Extract<MessageBody, { kind: "turn_ended" }>;

/** The end of a check's turn, once the check is over: a small turn fits into one page of messages. */
export function useLastTurn(taskId: TaskId, isOver: boolean) {
  return useQuery({
    queryKey: ["agents", "last-turn", taskId],
    enabled: isOver,
    staleTime: Infinity,
    queryFn: async ({ signal }): Promise<TurnEnded | null> => {
      const { messages } = await ask({ path: apiPath.messages(taskId), answer: messagePageSchema, signal });
      const ends = messages.flatMap(({ body }) => (body.kind === "turn_ended" ? [body] : []));
      return ends.at(-1) ?? null;
    },
  });
}
