/** Tasks: the list, one of them, and what can be asked of it. */
import type { ProjectId, TaskId } from "@sam/domain/ids";
import {
  type answerSchema,
  type followUpSchema,
  forceOutlookSchema,
  type SubmitTask,
  taskListSchema,
  type TaskView,
  taskViewSchema,
  transitionSchema,
} from "@sam/protocol/task-api";
import { taskAsOfSchema } from "@sam/protocol/task-as-of";
import { useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { z } from "zod";

import { apiPath } from "../path-builder.ts";
import { ask } from "./client.ts";
import { listPollMs } from "./query-client.ts";

const oneTask = z.object({ task: taskViewSchema });
const transitionsSchema = z.object({ transitions: z.array(transitionSchema) });
/** As many as one page of the list holds; older ones are asked for by `before`. */
const pageSize = 100;

export const taskKeys = {
  all: ["tasks"] as const,
  lists: ["tasks", "list"] as const,
  list: (projectId: ProjectId | null) => ["tasks", "list", projectId] as const,
  one: (taskId: TaskId) => ["tasks", "one", taskId] as const,
  asOf: (taskId: TaskId) => ["tasks", "as-of", taskId] as const,
  transitions: (taskId: TaskId) => ["tasks", "transitions", taskId] as const,
};

/** The newest tasks, of one project or of all. */
export function useTaskList(projectId: ProjectId | null = null) {
  return useQuery({
    queryKey: taskKeys.list(projectId),
    queryFn: ({ signal }) => fetchTasks({ projectId, before: null, signal }),
    refetchInterval: listPollMs,
  });
}

export interface TaskPageQuery {
  readonly projectId: ProjectId | null;
  readonly before: string | null;
  readonly signal?: AbortSignal | undefined;
}

export async function fetchTasks({ projectId, before, signal }: TaskPageQuery) {
  const query = { limit: pageSize, projectId: projectId ?? undefined, before: before ?? undefined };
  return ask({ path: apiPath.tasks, query, answer: taskListSchema, signal });
}

/** One task as its runner sees it. A page that follows its stream turns the polling off. */
export function useTask(taskId: TaskId, pollMs: number | false = listPollMs) {
  return useQuery({
    queryKey: taskKeys.one(taskId),
    queryFn: async ({ signal, client }) => {
      const askedAt = Date.now();
      const { task } = await ask({ path: apiPath.task(taskId), answer: oneTask, signal });
      return toldMeanwhile(client, task, askedAt) ?? task;
    },
    refetchInterval: pollMs,
  });
}

/** A stream may tell of what came after the answer was made: such an answer takes nothing back. */
function toldMeanwhile(client: QueryClient, answer: TaskView, askedAt: number): TaskView | null {
  const { data: known, dataUpdatedAt = 0 } = client.getQueryState<TaskView>(taskKeys.one(answer.taskId)) ?? {};
  if (known === undefined || known.version < answer.version) return null;
  return known.version > answer.version || dataUpdatedAt >= askedAt ? known : null;
}

/** One task as it was at a moment; while another moment is asked for, the one before stays. */
export function useTaskAsOf(taskId: TaskId, at: number) {
  return useQuery({
    queryKey: [...taskKeys.asOf(taskId), at],
    queryFn: ({ signal }) => ask({ path: apiPath.asOf(taskId), query: { at }, answer: taskAsOfSchema, signal }),
    placeholderData: (before) => before,
    // What was does not change.
    staleTime: Infinity,
  });
}

/** The steps that a task went through; ask anew when its version rises. */
export function useTransitions(taskId: TaskId, version: number | null) {
  return useQuery({
    queryKey: [...taskKeys.transitions(taskId), version],
    queryFn: async ({ signal }) =>
      (await ask({ path: apiPath.transitions(taskId), answer: transitionsSchema, signal })).transitions,
    placeholderData: (before) => before,
  });
}

/** Stores what an answer or a stream says of a task, unless something newer is known. */
export function keepTask(client: QueryClient, task: TaskView): void {
  client.setQueryData<TaskView>(taskKeys.one(task.taskId), (known) =>
    known !== undefined && known.version > task.version ? known : task,
  );
}

function useTaskMutation<Input>(send: (input: Input) => Promise<TaskView>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: (task) => keepTask(client, task),
    onSettled: () => client.invalidateQueries({ queryKey: taskKeys.all }),
  });
}

async function post(path: string, body: unknown): Promise<TaskView> {
  return (await ask({ method: "POST", path, body, answer: oneTask })).task;
}

/** Give it a `taskId`, drawn once per form: then a submit that is repeated makes one task. */
export function useSubmitTask() {
  return useTaskMutation((input: SubmitTask) => post(apiPath.tasks, input));
}

export type AnswerInput = z.input<typeof answerSchema>;

export function useAnswer(taskId: TaskId) {
  return useTaskMutation((input: AnswerInput) => post(apiPath.answers(taskId), input));
}

export type FollowUpInput = z.input<typeof followUpSchema>;

/** Says something more; the task that comes back is another one where it continues a finished task. */
export function useFollowUp(taskId: TaskId) {
  return useTaskMutation((input: FollowUpInput) => post(apiPath.messages(taskId), input));
}

export function useCancel(taskId: TaskId) {
  return useTaskMutation<void>(() => post(apiPath.cancel(taskId), {}));
}

/** What ending a cancel by force would lose; asked for when the question is open, since it changes. */
export function useForceOutlook(taskId: TaskId, isAsked: boolean) {
  return useQuery({
    queryKey: [...taskKeys.one(taskId), "force"],
    queryFn: ({ signal }) => ask({ path: apiPath.cancel(taskId), answer: forceOutlookSchema, signal }),
    enabled: isAsked,
    refetchInterval: listPollMs,
  });
}

export function useForceCancel(taskId: TaskId) {
  return useTaskMutation<void>(async () => {
    const request = { method: "POST", path: apiPath.cancel(taskId), query: { force: "true" }, body: {} } as const;
    return (await ask({ ...request, answer: oneTask })).task;
  });
}

export function useInterrupt(taskId: TaskId) {
  return useTaskMutation<void>(() => post(apiPath.interrupt(taskId), {}));
}

export function useDeliver(taskId: TaskId) {
  return useTaskMutation<void>(() => post(apiPath.deliver(taskId), {}));
}
