/** The API of sweeps: what the last ones looked at, found, did and could not do. */
import { createRoute, z } from "@hono/zod-openapi";
import { sweepListSchema } from "@sam/protocol/sweep-api";
import { drizzle } from "drizzle-orm/d1";

import { createApiApp } from "../api/api-app.ts";
import { withinD1 } from "../api/d1-deadline.ts";
import { jsonAnswer } from "../api/json-content.ts";
import { problemResponses } from "../api/problem-response.ts";
import { listFindings, listSweeps } from "./sweep-book.ts";

const sweepQuery = z.object({
  /** Milliseconds since 1970; default: the last day. */
  since: z.coerce.number().int().nonnegative().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const dayMs = 24 * 60 * 60 * 1000;

export const sweepRoutes = createApiApp();

sweepRoutes.openapi(
  createRoute({
    method: "get",
    path: "/",
    summary: "The last sweeps, and what they found that is yours or nobody's",
    request: { query: sweepQuery },
    responses: { 200: jsonAnswer("Sweeps and findings", sweepListSchema), ...problemResponses },
  }),
  async (context) => {
    const { since = Date.now() - dayMs, limit } = context.req.valid("query");
    const database = drizzle(context.env.DB);
    const { ownerId } = context.var;
    const [sweeps, findings] = await withinD1(
      Promise.all([listSweeps(database, ownerId, since, limit), listFindings(database, ownerId, since, limit)]),
    );
    return context.json({ sweeps, findings }, 200);
  },
);
