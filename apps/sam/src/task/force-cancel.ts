/** The forced end of a cancel: what can't be proven is named, and asked about, before its machine is given up. */
import { setTimeout as sleep } from "node:timers/promises";

import { forceOutlookSchema, type TaskView } from "@sam/protocol/task-api";

import { oneTaskSchema } from "../client/api-client.ts";
import type { CommandContext } from "../command-context.ts";
import { isMeant, sayWhatComes } from "../terminal/yes-question.ts";

/** So long the receipt may still come by itself. */
const patienceMs = 5_000;
const pollMs = 300;

/** @returns the task, ended; or as it is, where a person does not want that. It may have ended by itself meanwhile. */
export async function forceCancel(context: CommandContext, asked: TaskView, isSaid: boolean): Promise<TaskView> {
  const { api, terminal } = context;
  const path = `/api/tasks/${asked.taskId}/cancel`;
  const until = Date.now() + patienceMs;
  let task = asked;
  while (!task.final && Date.now() < until) {
    // One poll after the other.
    await sleep(pollMs);
    task = await api.task(asked.taskId);
  }
  if (task.final) return task;
  const { canForce, losses, keeps } = await api.request("GET", path, forceOutlookSchema);
  if (!canForce) return await api.task(asked.taskId);
  const question = { losses, keeps, question: "End it now?", otherwise: "It goes on being cancelled." };
  if (!isSaid && !(await isMeant(context, question))) return task;
  if (isSaid && !context.json) sayWhatComes(terminal, question);
  return (await api.request("POST", `${path}?force=true`, oneTaskSchema)).task;
}
