/** The API of projects. */
import { createRoute, z } from "@hono/zod-openapi";
import { projectIdSchema } from "@sam/protocol/ids";
import { drizzle } from "drizzle-orm/d1";

import { createApiApp } from "../api/api-app.ts";
import { problemResponses } from "../api/problem-response.ts";
import { listProjects } from "./project-store.ts";

const projectSchema = z.object({
  projectId: projectIdSchema,
  repositoryUrl: z.string(),
  name: z.string(),
  createdAt: z.number().int(),
});

export const projectRoutes = createApiApp();

projectRoutes.openapi(
  createRoute({
    method: "get",
    path: "/",
    summary: "Your projects, newest first",
    responses: {
      200: {
        description: "Projects",
        content: { "application/json": { schema: z.object({ projects: z.array(projectSchema) }) } },
      },
      ...problemResponses,
    },
  }),
  async (context) => context.json({ projects: await listProjects(drizzle(context.env.DB), context.var.ownerId) }, 200),
);
