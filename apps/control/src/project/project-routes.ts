/** The API of projects. */
import { createRoute, z } from "@hono/zod-openapi";
import {
  changeProjectSchema,
  createProjectSchema,
  oneProjectSchema,
  projectListSchema,
} from "@sam/protocol/project-api";
import { drizzle } from "drizzle-orm/d1";

import { createApiApp } from "../api/api-app.ts";
import { withinD1 } from "../api/d1-deadline.ts";
import { jsonAnswer, jsonBody } from "../api/json-content.ts";
import { problemResponses } from "../api/problem-response.ts";
import { changeProject, listProjects, projectOf, requireProject } from "./project-store.ts";
import { requireReachable } from "./reachable-repository.ts";

const projectParams = z.object({ projectId: z.string() });

export const projectRoutes = createApiApp();

projectRoutes.openapi(
  createRoute({
    method: "get",
    path: "/",
    summary: "Your projects, newest first",
    responses: { 200: jsonAnswer("Projects", projectListSchema), ...problemResponses },
  }),
  async (context) => {
    const projects = await withinD1(listProjects(drizzle(context.env.DB), context.var.ownerId));
    return context.json({ projects }, 200);
  },
);

projectRoutes.openapi(
  createRoute({
    method: "post",
    path: "/",
    summary: "The project of a repository, made where there is none yet, with what is said of it here",
    request: { body: jsonBody(createProjectSchema) },
    responses: { 201: jsonAnswer("The project", oneProjectSchema), ...problemResponses },
  }),
  async (context) => {
    const { env } = context;
    const { ownerId } = context.var;
    const { repositoryUrl, ...change } = context.req.valid("json");
    requireReachable(env, repositoryUrl, "repositoryUrl");
    const database = drizzle(env.DB);
    const projectId = await withinD1(projectOf(database, ownerId, repositoryUrl, Date.now()));
    return context.json({ project: await withinD1(changeProject(database, ownerId, projectId, change)) }, 201);
  },
);

projectRoutes.openapi(
  createRoute({
    method: "get",
    path: "/{projectId}",
    summary: "One project",
    request: { params: projectParams },
    responses: { 200: jsonAnswer("The project", oneProjectSchema), ...problemResponses },
  }),
  async (context) => {
    const { projectId } = context.req.valid("param");
    const project = await withinD1(requireProject(drizzle(context.env.DB), context.var.ownerId, projectId));
    return context.json({ project }, 200);
  },
);

projectRoutes.openapi(
  createRoute({
    method: "patch",
    path: "/{projectId}",
    summary: "Change a project's name or defaults; what is left out stays",
    request: { params: projectParams, body: jsonBody(changeProjectSchema) },
    responses: { 200: jsonAnswer("The project", oneProjectSchema), ...problemResponses },
  }),
  async (context) => {
    const { projectId } = context.req.valid("param");
    const changed = changeProject(drizzle(context.env.DB), context.var.ownerId, projectId, context.req.valid("json"));
    return context.json({ project: await withinD1(changed) }, 200);
  },
);
