/** Projects: a git repository of an owner, with the defaults of its tasks. D1 is where they live. */
import { builtInAgentId } from "@sam/domain/agent-catalog";
import { isId, makeId, type ProjectId, type UserId } from "@sam/domain/ids";
import type { ProjectView } from "@sam/protocol/project-api";
import { and, desc, eq } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { ulid } from "ulid";

import { ApiError } from "../api/problem-response.ts";
import { projectsTable } from "../database/schema.ts";

export type ProjectDefaults = ProjectView["defaults"];

type Optional<Value> = { readonly [Key in keyof Value]?: Value[Key] | undefined };

/** What changes; what is undefined stays. */
export interface ProjectChange {
  readonly name?: string | undefined;
  readonly defaults: Optional<ProjectDefaults>;
}

type ProjectRow = typeof projectsTable.$inferSelect;

/** @returns the owner's project of this repository, made where there is none yet. */
export async function projectOf(
  database: DrizzleD1Database,
  ownerId: UserId,
  repositoryUrl: string,
  now: number,
): Promise<ProjectId> {
  const own = and(eq(projectsTable.ownerId, ownerId), eq(projectsTable.repositoryUrl, repositoryUrl));
  const find = () => database.select({ projectId: projectsTable.projectId }).from(projectsTable).where(own);
  const [known] = await find();
  if (known !== undefined) return known.projectId;
  await database
    .insert(projectsTable)
    .values({
      projectId: makeId("proj", ulid()),
      ownerId,
      repositoryUrl,
      name: nameOf(repositoryUrl),
      createdAt: now,
    })
    .onConflictDoNothing()
    .run();
  const [made] = await find();
  if (made === undefined) throw new Error("the project was not stored");
  return made.projectId;
}

/** @returns what a task of this project has where it says nothing else. */
export async function projectDefaults(database: DrizzleD1Database, projectId: ProjectId): Promise<ProjectDefaults> {
  const [row] = await database.select().from(projectsTable).where(eq(projectsTable.projectId, projectId));
  if (row === undefined) throw new Error(`there is no ${projectId}`);
  return defaultsOf(row);
}

export async function listProjects(database: DrizzleD1Database, ownerId: UserId): Promise<ProjectView[]> {
  const rows = await database
    .select()
    .from(projectsTable)
    .where(eq(projectsTable.ownerId, ownerId))
    .orderBy(desc(projectsTable.createdAt))
    .limit(500);
  return rows.map(viewOf);
}

/** Throws an ApiError where this owner has no such project. */
export async function requireProject(
  database: DrizzleD1Database,
  ownerId: UserId,
  projectId: string,
): Promise<ProjectView> {
  const rows = isId("proj", projectId)
    ? await database.select().from(projectsTable).where(ownProject(ownerId, projectId))
    : [];
  return viewOf(foundIn(rows, projectId));
}

export async function changeProject(
  database: DrizzleD1Database,
  ownerId: UserId,
  projectId: string,
  change: ProjectChange,
): Promise<ProjectView> {
  if (!isId("proj", projectId)) throw noProject(projectId);
  const { name, defaults } = change;
  const { agentId, checkCommand, permissionPolicy, mode } = defaults;
  const values = Object.entries({ name, agentId, checkCommand, permissionPolicy, mode });
  const set = Object.fromEntries(values.filter(([, value]) => value !== undefined));
  // An update of nothing is not SQL.
  if (Object.keys(set).length === 0) return requireProject(database, ownerId, projectId);
  const rows = await database.update(projectsTable).set(set).where(ownProject(ownerId, projectId)).returning();
  return viewOf(foundIn(rows, projectId));
}

function ownProject(ownerId: UserId, projectId: ProjectId) {
  return and(eq(projectsTable.projectId, projectId), eq(projectsTable.ownerId, ownerId));
}

function foundIn(rows: readonly ProjectRow[], projectId: string): ProjectRow {
  const [row] = rows;
  if (row === undefined) throw noProject(projectId);
  return row;
}

function noProject(projectId: string): ApiError {
  return new ApiError("not_found", `You have no project ${projectId}.`);
}

function viewOf(row: ProjectRow): ProjectView {
  const { projectId, repositoryUrl, name, createdAt } = row;
  return { projectId, repositoryUrl, name, createdAt, defaults: defaultsOf(row) };
}

function defaultsOf({ agentId, checkCommand, permissionPolicy, mode }: ProjectRow): ProjectDefaults {
  return {
    agentId: agentId ?? builtInAgentId,
    checkCommand,
    permissionPolicy: permissionPolicy ?? "ask",
    mode: mode ?? "task",
  };
}

function nameOf(repositoryUrl: string): string {
  const last = repositoryUrl.replace(/\/+$/, "").split(/[/:]/).at(-1);
  return last?.replace(/\.git$/, "") ?? repositoryUrl;
}
