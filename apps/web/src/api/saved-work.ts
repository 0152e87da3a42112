/** Saved work over all tasks, and throwing that of one away. */
import type { TaskId } from "@sam/domain/ids";
import { savedWorkListSchema } from "@sam/protocol/saved-work-api";
import { taskViewSchema } from "@sam/protocol/task-api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { z } from "zod";

import { apiPath } from "../path-builder.ts";
import { ask } from "./client.ts";
import { listPollMs } from "./query-client.ts";
import { keepTask, taskKeys } from "./tasks.ts";

export const savedWorkKeys = { all: ["saved-work"] as const };
const pageSize = 200;

export function useSavedWork() {
  return useQuery({
    queryKey: savedWorkKeys.all,
    queryFn: ({ signal }) =>
      ask({ path: apiPath.savedWork, query: { limit: pageSize }, answer: savedWorkListSchema, signal }),
    refetchInterval: listPollMs,
  });
}

const oneTask = z.object({ task: taskViewSchema });

export function useDiscardSaved() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (taskId: TaskId) =>
      (await ask({ method: "DELETE", path: apiPath.discardSaved(taskId), answer: oneTask })).task,
    onSuccess: (task) => keepTask(client, task),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: savedWorkKeys.all }),
        client.invalidateQueries({ queryKey: taskKeys.all }),
      ]),
  });
}
