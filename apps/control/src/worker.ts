/** The control plane: HTTP API, Durable Objects, schedule. The only writer of state. */
import { auditSchedule } from "./audit/audit-schedule.ts";
import { withD1Deadlines } from "./database/d1-deadline.ts";
import type { Env } from "./env.ts";
import { api } from "./routes.ts";
import { sweep } from "./sweep/sweep.ts";

export { NodeLifecycle } from "./node/node-lifecycle-object.ts";
export { TaskRunner } from "./task/task-runner-object.ts";

export default {
  fetch: (request, env, context) => api.fetch(request, withD1Deadlines(env), context),
  async scheduled(controller, env) {
    const inTime = withD1Deadlines(env);
    await auditSchedule(inTime, controller.scheduledTime);
    await sweep(inTime, controller.scheduledTime);
  },
} satisfies ExportedHandler<Env>;
