/** Projects: a git repository of an owner, with its defaults. D1 is where they live. */
import { makeId, type ProjectId, type UserId } from "@sam/domain/ids";
import { and, desc, eq } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { ulid } from "ulid";

import { projectsTable } from "../database/schema.ts";

/** @returns the owner's project of this repository, made where there is none yet. */
export async function projectOf(
  database: DrizzleD1Database,
  ownerId: UserId,
  repositoryUrl: string,
  now: number,
): Promise<ProjectId> {
  const name =
    repositoryUrl
      .replace(/\/+$/, "")
      .split(/[/:]/)
      .at(-1)
      ?.replace(/\.git$/, "") ?? repositoryUrl;
  const own = and(eq(projectsTable.ownerId, ownerId), eq(projectsTable.repositoryUrl, repositoryUrl));
  const find = () => database.select({ projectId: projectsTable.projectId }).from(projectsTable).where(own);
  const [known] = await find();
  if (known !== undefined) return known.projectId;
  await database
    .insert(projectsTable)
    .values({ projectId: makeId("proj", ulid()), ownerId, repositoryUrl, name, createdAt: now })
    .onConflictDoNothing()
    .run();
  const [made] = await find();
  if (made === undefined) throw new Error("the project was not stored");
  return made.projectId;
}

export async function listProjects(database: DrizzleD1Database, ownerId: UserId) {
  const { projectId, repositoryUrl, name, createdAt } = projectsTable;
  return database
    .select({ projectId, repositoryUrl, name, createdAt })
    .from(projectsTable)
    .where(eq(projectsTable.ownerId, ownerId))
    .orderBy(desc(createdAt))
    .limit(500);
}
