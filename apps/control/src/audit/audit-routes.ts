/** The API of the audit: what SAM found out about itself. */
import { createRoute, z } from "@hono/zod-openapi";
import { auditSchema } from "@sam/protocol/audit-api";

import { createApiApp } from "../api/api-app.ts";
import { withinD1 } from "../api/d1-deadline.ts";
import { jsonAnswer } from "../api/json-content.ts";
import { problemResponses } from "../api/problem-response.ts";
import { auditOf } from "./audit-view.ts";

export const auditRoutes = createApiApp();

auditRoutes.openapi(
  createRoute({
    method: "get",
    path: "/",
    summary: "What went wrong with SAM itself in the last days, each figure with those behind it",
    request: { query: z.object({ days: z.coerce.number().int().min(1).max(365).default(30) }) },
    responses: { 200: jsonAnswer("The audit", auditSchema), ...problemResponses },
  }),
  async (context) => {
    const { days } = context.req.valid("query");
    return context.json(await withinD1(auditOf(context.env, context.var.ownerId, days, Date.now())), 200);
  },
);
