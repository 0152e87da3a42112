/**
 * A submission is a user's request that a new task be accepted. It is written down before the task's runner is asked, as
 * every intent is: a runner that accepts, cannot write its first row and loses its alarm is found by the sweep, through it.
 */
import type { TaskRequest } from "@sam/domain/task-facts";
import { eq } from "drizzle-orm";

import { withinD1 } from "../api/d1-deadline.ts";
import { ApiError } from "../api/problem-response.ts";
import { builtOnce, databaseOf, excluded, given } from "../database/built-once.ts";
import { submissionsTable } from "../database/schema.ts";
import type { Env } from "../env.ts";
import { report } from "../system/report.ts";
import { call } from "./own-task.ts";
import type { SubmitOutcome } from "./task-runner-logic.ts";

/**
 * Asks the task's runner to accept it. The same request again is the same task.
 * Throws an ApiError where the submission could not be written down: then the runner was not asked.
 */
export async function submitTo(env: Pick<Env, "DB" | "TASK_RUNNER">, request: TaskRequest): Promise<SubmitOutcome> {
  const { taskId, ownerId } = request;
  try {
    await withinD1(written(databaseOf(env)).run({ taskId, ownerId, at: Date.now() }));
  } catch (error) {
    report(`the submission of ${taskId}`, error);
    throw new ApiError(
      "unavailable",
      `${taskId} could not be written down, so its runner was not asked. Submit it again.`,
    );
  }
  return call<SubmitOutcome>(env.TASK_RUNNER.getByName(taskId).submit(request));
}

/** Asked again by the same user it is as young as that. Somebody else's stays as it is: its runner says whose task it is. */
const written = builtOnce((database) =>
  database
    .insert(submissionsTable)
    .values({ taskId: given("taskId"), ownerId: given("ownerId"), at: given("at") })
    .onConflictDoUpdate({
      target: submissionsTable.taskId,
      set: { at: excluded(submissionsTable.at) },
      setWhere: eq(submissionsTable.ownerId, excluded(submissionsTable.ownerId)),
    })
    .prepare(),
);
