/** What this installation is: its version, its provider, the isolation in force, its last sweep. */
import { createRoute } from "@hono/zod-openapi";
import { isId, type TaskId, type UserId } from "@sam/domain/ids";
import { isolationSchema } from "@sam/protocol/node-channel";
import { systemSchema } from "@sam/protocol/system-api";
import { drizzle } from "drizzle-orm/d1";

import { createApiApp } from "../api/api-app.ts";
import { withinD1 } from "../api/d1-deadline.ts";
import { problemResponses } from "../api/problem-response.ts";
import { canBreak } from "../breakage/breakage-binding.ts";
import type { Env } from "../env.ts";
import { within } from "../lifecycle/deadline.ts";
import { readLastSweep } from "../sweep/sweep-book.ts";
import { ownsTask } from "../task/task-list.ts";
import { report } from "./report.ts";

export const systemRoutes = createApiApp();

systemRoutes.openapi(
  createRoute({
    method: "get",
    path: "/",
    summary: "What this installation is and can do",
    responses: {
      200: { description: "The system", content: { "application/json": { schema: systemSchema } } },
      ...problemResponses,
    },
  }),
  async (context) => {
    const { env } = context;
    const { ownerId } = context.var;
    return context.json(
      {
        version: env.SAM_VERSION,
        installationId: env.INSTALLATION_ID ?? "not set",
        ownerId,
        provider: env.PROVIDER,
        sampleRepository: env.SAMPLE_REPOSITORY ?? null,
        firstTaskId: await firstTaskOf(env, ownerId),
        isolation: await isolationOf(env),
        breakable: canBreak(env, ownerId),
        lastSweep: await withinD1(readLastSweep(drizzle(env.DB), ownerId)),
      },
      200,
    );
  },
);

/** Its id is drawn before it is submitted, and it is one owner's: only to them, and once it is there, is it named. */
async function firstTaskOf(env: Env, ownerId: UserId): Promise<TaskId | null> {
  const taskId = env.FIRST_TASK_ID ?? "";
  if (!isId("task", taskId)) return null;
  return (await withinD1(ownsTask(drizzle(env.DB), ownerId, taskId))) ? taskId : null;
}

const machineHostTimeoutMs = 5_000;

/** Null where nobody here can say: a cloud machine is its own isolation. */
async function isolationOf(env: Env) {
  if (env.MACHINE_HOST === undefined) return null;
  try {
    const asked = env.MACHINE_HOST.fetch("http://machine-host/v1/isolation");
    const response = await within("the machine host", machineHostTimeoutMs, asked);
    return isolationSchema.parse(await within("the machine host", machineHostTimeoutMs, response.json()));
  } catch (error) {
    report("the machine host's isolation", error);
    return null;
  }
}
