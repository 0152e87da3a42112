/**
 * The agents that an owner can ask for: the catalog's, the one that comes with SAM, those that the installation adds, and
 * those that a node of theirs said it can start.
 */
import { agentCatalog, builtInAgentId, catalogAgentIds, isCatalogAgent } from "@sam/domain/agent-catalog";
import type { ProjectId, UserId } from "@sam/domain/ids";
import type { AgentView } from "@sam/protocol/agent-api";
import { agentIdSchema } from "@sam/protocol/task-api";
import { and, desc, eq, isNotNull } from "drizzle-orm";
import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";

import { ApiError } from "../api/problem-response.ts";
import { nodesTable } from "../database/schema.ts";
import { extraAgentsOf, type Env } from "../env.ts";
import { secretNames } from "../secret/secret-store.ts";
import { whatIsLacking } from "./agent-lacks.ts";
import { effectiveSettings, listSettings, type AgentSettingsRow } from "./agent-settings.ts";

/** A machine that is long gone says little about those that come. */
const nodesAsked = 20;

/** What the owner has of keys and settings, for every agent alike. */
interface OwnFacts {
  readonly settings: readonly AgentSettingsRow[];
  readonly secrets: ReadonlySet<string>;
  /** In whose eyes something may be lacking; null: in general. */
  readonly projectId: ProjectId | null;
}

export async function listAgents(env: Env, ownerId: UserId, projectId: ProjectId | null): Promise<AgentView[]> {
  const database = drizzle(env.DB);
  const [announced, settings, secrets] = await Promise.all([
    announcedAgents(database, ownerId),
    listSettings(database, ownerId),
    secretNames(database, ownerId),
  ]);
  const ids = new Set([builtInAgentId, ...catalogAgentIds, ...extraAgentsOf(env), ...announced]);
  return [...ids].map((agentId) => viewOf(agentId, { settings, secrets, projectId }));
}

/** Throws an ApiError where this owner has no such agent. */
export async function requireAgent(
  env: Env,
  ownerId: UserId,
  agentId: string,
  projectId: ProjectId | null,
): Promise<AgentView> {
  const agents = await listAgents(env, ownerId, projectId);
  const agent = agents.find((it) => it.agentId === agentId);
  if (agent !== undefined) return agent;
  throw new ApiError(
    "not_found",
    `There is no agent ${agentId}. There are: ${agents.map((it) => it.agentId).join(", ")}.`,
  );
}

/** The agents that this owner's newest nodes said they can start. */
async function announcedAgents(database: DrizzleD1Database, ownerId: UserId): Promise<string[]> {
  const rows = await database
    .select({ agents: nodesTable.agents })
    .from(nodesTable)
    .where(and(eq(nodesTable.ownerId, ownerId), isNotNull(nodesTable.agents)))
    .orderBy(desc(nodesTable.createdAt))
    .limit(nodesAsked);
  const ids = rows.flatMap(({ agents }) => agents ?? []).filter((id) => agentIdSchema.safeParse(id).success);
  return [...new Set(ids)].toSorted();
}

function viewOf(agentId: string, facts: OwnFacts): AgentView {
  const catalog = isCatalogAgent(agentId) ? agentCatalog[agentId] : null;
  const keyIsSet = catalog !== null && facts.secrets.has(catalog.keyName);
  const settings = facts.settings.filter((row) => row.agentId === agentId);
  const effective = effectiveSettings(settings, agentId, facts.projectId);
  return {
    agentId,
    name: catalog?.name ?? (agentId === builtInAgentId ? "Runbook" : agentId),
    npmPackage: catalog?.npmPackage ?? null,
    version: catalog?.version ?? null,
    keyName: catalog?.keyName ?? null,
    keyIsSet,
    defaultModel: catalog?.defaultModel ?? null,
    defaultBaseUrl: catalog?.defaultBaseUrl ?? null,
    settings: settings.map(({ projectId, model, baseUrl, updatedAt }) => ({
      projectId: projectId === "" ? null : projectId,
      model,
      baseUrl,
      updatedAt,
    })),
    limits: [...(catalog?.limits ?? (agentId === builtInAgentId ? runbookLimits : []))],
    lacks: catalog === null ? null : whatIsLacking(agentId, catalog, effective, keyIsSet),
  };
}

const runbookLimits = ["It has no model: it runs the fenced sh blocks of the prompt, one after the other."];
