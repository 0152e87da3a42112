/** Saying something more: once, however often it is sent; where it begins another task, the page goes there. */
import type { TaskId } from "@sam/domain/ids";
import type { TaskView } from "@sam/protocol/task-api";
import { useNavigate } from "@tanstack/react-router";

import { ApiProblem } from "../api/api-error.ts";
import { useFollowUp } from "../api/tasks.ts";
import { pathTo } from "../path-builder.ts";
import { writeDraft } from "../submit/draft.ts";
import { forgetSayKey, sayKey } from "./say-key.ts";

export type Pending = "sending" | "interrupting" | null;

export function useSay(taskId: TaskId, onTaken: (task: TaskView) => void) {
  const { mutateAsync, error, isPending, variables } = useFollowUp(taskId);
  const navigate = useNavigate();
  const say = async (prompt: string, interrupt: boolean) => {
    try {
      const task = await mutateAsync({ prompt, interrupt, taskId: sayKey(taskId, prompt) });
      // By now the stream may have told of it, and this box be gone.
      writeDraft(taskId, "");
      forgetSayKey(taskId);
      onTaken(task);
      if (task.taskId !== taskId) await navigate(pathTo.task(task.taskId));
    } catch (failure) {
      // The key stands for something else. What failed is shown as `error`.
      if (failure instanceof ApiProblem && failure.problem.code === "conflict") forgetSayKey(taskId);
    }
  };
  const pending: Pending = isPending ? (variables.interrupt === true ? "interrupting" : "sending") : null;
  return { say, error, pending };
}
