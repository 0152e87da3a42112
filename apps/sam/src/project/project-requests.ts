/** The API of projects, as the commands speak it, and a project as a person names it. */
import { isId, type ProjectId } from "@sam/domain/ids";
import {
  type changeProjectSchema,
  type createProjectSchema,
  oneProjectSchema,
  projectListSchema,
  type ProjectView,
} from "@sam/protocol/project-api";
import type { z } from "zod";

import type { ApiClient } from "../client/api-client.ts";
import { CommandError } from "../exit-code.ts";
import { repositoryUrl } from "../task/task-request.ts";
import { plainLine } from "../terminal/plain-text.ts";

export async function listProjects(api: ApiClient): Promise<readonly ProjectView[]> {
  return (await api.request("GET", "/api/projects", projectListSchema)).projects;
}

/** The project of this repository, made where there is none yet. */
export async function createProject(api: ApiClient, body: z.input<typeof createProjectSchema>): Promise<ProjectView> {
  return (await api.request("POST", "/api/projects", oneProjectSchema, { body })).project;
}

export async function changeProject(
  api: ApiClient,
  projectId: ProjectId,
  body: z.input<typeof changeProjectSchema>,
): Promise<ProjectView> {
  return (await api.request("PATCH", `/api/projects/${projectId}`, oneProjectSchema, { body })).project;
}

/** @returns the project of that id, or of that repository. Throws where there is none. */
export async function resolveProject(api: ApiClient, text: string): Promise<ProjectView> {
  const url = repositoryUrl(text);
  const found = (await listProjects(api)).find(
    ({ projectId, repositoryUrl: own }) => projectId === text || own === url,
  );
  if (found !== undefined) return found;
  const what = isId("proj", text) ? text : `of ${plainLine(url)}`;
  throw new CommandError(
    `There is no project ${what}. See them with: sam projects. One comes to be with its first task, or with: ` +
      `sam project set <path or URL>`,
  );
}
