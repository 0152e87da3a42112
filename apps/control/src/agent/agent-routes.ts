/** The API of agents: which there are, their settings, and a real turn that proves one. */
import { createRoute, z } from "@hono/zod-openapi";
import { builtInAgentId } from "@sam/domain/agent-catalog";
import { agentListSchema, checkAgentSchema, oneAgentSchema, setAgentSchema } from "@sam/protocol/agent-api";
import { projectIdSchema } from "@sam/protocol/ids";
import { drizzle } from "drizzle-orm/d1";

import { createApiApp } from "../api/api-app.ts";
import { withinD1 } from "../api/d1-deadline.ts";
import { jsonAnswer, jsonBody } from "../api/json-content.ts";
import { ApiError, problemResponses } from "../api/problem-response.ts";
import { requireProject } from "../project/project-store.ts";
import { oneTask } from "../task/own-task.ts";
import { checkAgent } from "./agent-check.ts";
import { listAgents, requireAgent } from "./agent-list.ts";
import { changeSettings } from "./agent-settings.ts";

const agentParams = z.object({ agentId: z.string() });

export const agentRoutes = createApiApp();

agentRoutes.openapi(
  createRoute({
    method: "get",
    path: "/",
    summary: "The agents, with their settings and what they lack",
    request: { query: z.object({ projectId: projectIdSchema.optional() }) },
    responses: { 200: jsonAnswer("Agents", agentListSchema), ...problemResponses },
  }),
  async (context) => {
    const { ownerId } = context.var;
    const { projectId } = context.req.valid("query");
    const database = drizzle(context.env.DB);
    if (projectId !== undefined) await withinD1(requireProject(database, ownerId, projectId));
    return context.json({ agents: await withinD1(listAgents(context.env, ownerId, projectId ?? null)) }, 200);
  },
);

agentRoutes.openapi(
  createRoute({
    method: "put",
    path: "/{agentId}/settings",
    summary: "Set an agent's model or base URL, for all projects or for one; null takes a setting away",
    request: { params: agentParams, body: jsonBody(setAgentSchema) },
    responses: { 200: jsonAnswer("The agent", oneAgentSchema), ...problemResponses },
  }),
  async (context) => {
    const { ownerId } = context.var;
    const { agentId } = context.req.valid("param");
    const { projectId, model, baseUrl } = context.req.valid("json");
    const database = drizzle(context.env.DB);
    await withinD1(requireAgent(context.env, ownerId, agentId, projectId));
    if (agentId === builtInAgentId) {
      throw new ApiError("invalid_input", "The runbook agent has no model, so there is nothing to set.");
    }
    if (projectId !== null) await withinD1(requireProject(database, ownerId, projectId));
    await withinD1(changeSettings(database, { ownerId, projectId, agentId }, { model, baseUrl }, Date.now()));
    return context.json({ agent: await withinD1(requireAgent(context.env, ownerId, agentId, projectId)) }, 200);
  },
);

agentRoutes.openapi(
  createRoute({
    method: "post",
    path: "/{agentId}/check",
    summary: "Prove an agent with one small real turn, as a task",
    request: { params: agentParams, body: jsonBody(checkAgentSchema) },
    responses: { 201: jsonAnswer("The task; its end says what works", oneTask), ...problemResponses },
  }),
  async (context) => {
    const { ownerId } = context.var;
    const { agentId } = context.req.valid("param");
    await withinD1(requireAgent(context.env, ownerId, agentId, null));
    return context.json({ task: await checkAgent(context.env, ownerId, agentId, context.req.valid("json")) }, 201);
  },
);
