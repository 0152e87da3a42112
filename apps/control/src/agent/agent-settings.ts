/** The settings of agents in D1, and which of them are in force: the project's, else the owner's, else none. */
import type { ProjectId, UserId } from "@sam/domain/ids";
import { and, asc, eq, isNull, or } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";

import { builtOnce, given } from "../database/built-once.ts";
import { agentSettingsTable } from "./agent-tables.ts";

export type AgentSettingsRow = typeof agentSettingsTable.$inferSelect;

/** Null: nothing was set, and the catalog or the agent itself decides. */
export interface EffectiveSettings {
  readonly model: string | null;
  readonly baseUrl: string | null;
}

/** What changes; null takes a setting away, undefined leaves it. */
export interface SettingsChange {
  readonly model: string | null | undefined;
  readonly baseUrl: string | null | undefined;
}

/** @returns all settings of an owner, theirs before those of their projects. */
export function listSettings(database: DrizzleD1Database, ownerId: UserId): Promise<AgentSettingsRow[]> {
  const { agentId, projectId } = agentSettingsTable;
  return database
    .select()
    .from(agentSettingsTable)
    .where(eq(agentSettingsTable.ownerId, ownerId))
    .orderBy(asc(agentId), asc(projectId));
}

/** @returns what holds for this agent in this project, or in none; each of the two settings by itself. */
export function effectiveSettings(
  rows: readonly AgentSettingsRow[],
  agentId: string,
  projectId: ProjectId | null,
): EffectiveSettings {
  const of = (id: ProjectId | "") => rows.find((row) => row.agentId === agentId && row.projectId === id);
  const own = of("");
  const project = projectId === null ? undefined : of(projectId);
  return {
    model: project?.model ?? own?.model ?? null,
    baseUrl: project?.baseUrl ?? own?.baseUrl ?? null,
  };
}

const rowsOf = builtOnce((database) =>
  database
    .select()
    .from(agentSettingsTable)
    .where(
      and(
        eq(agentSettingsTable.ownerId, given("ownerId")),
        eq(agentSettingsTable.agentId, given("agentId")),
        or(eq(agentSettingsTable.projectId, ""), eq(agentSettingsTable.projectId, given("projectId"))),
      ),
    )
    .prepare(),
);

export async function findEffectiveSettings(
  database: DrizzleD1Database,
  ownerId: UserId,
  agentId: string,
  projectId: ProjectId,
): Promise<EffectiveSettings> {
  return effectiveSettings(await rowsOf(database).all({ ownerId, agentId, projectId }), agentId, projectId);
}

/** A row that says nothing any more is removed. */
export async function changeSettings(
  database: DrizzleD1Database,
  key: { readonly ownerId: UserId; readonly projectId: ProjectId | null; readonly agentId: string },
  change: SettingsChange,
  now: number,
): Promise<void> {
  const { ownerId, agentId } = key;
  const projectId = key.projectId ?? "";
  const row = and(
    eq(agentSettingsTable.ownerId, ownerId),
    eq(agentSettingsTable.projectId, projectId),
    eq(agentSettingsTable.agentId, agentId),
  );
  const { model, baseUrl } = change;
  const set = {
    ...(model === undefined ? {} : { model }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
  };
  const isNothing = and(row, isNull(agentSettingsTable.model), isNull(agentSettingsTable.baseUrl));
  await database.batch([
    database
      .insert(agentSettingsTable)
      .values({ ownerId, projectId, agentId, ...set, updatedAt: now })
      .onConflictDoUpdate({
        target: [agentSettingsTable.ownerId, agentSettingsTable.projectId, agentSettingsTable.agentId],
        set: { ...set, updatedAt: now },
      }),
    database.delete(agentSettingsTable).where(isNothing),
  ]);
}
