/** Projects: a repository each, with the defaults of its tasks. */
import type { ProjectId } from "@sam/domain/ids";
import {
  type changeProjectSchema,
  type createProjectSchema,
  oneProjectSchema,
  projectListSchema,
} from "@sam/protocol/project-api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { z } from "zod";

import { apiPath } from "../path-builder.ts";
import { ask } from "./client.ts";

export const projectKeys = { all: ["projects"] as const };

/** They change seldom, and mostly from here. */
const pollMs = 30_000;

export function useProjects() {
  return useQuery({
    queryKey: projectKeys.all,
    queryFn: async ({ signal }) => (await ask({ path: apiPath.projects, answer: projectListSchema, signal })).projects,
    refetchInterval: pollMs,
  });
}

export type CreateProjectInput = z.input<typeof createProjectSchema>;

export function useCreateProject() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: CreateProjectInput) =>
      (await ask({ method: "POST", path: apiPath.projects, body, answer: oneProjectSchema })).project,
    onSettled: () => client.invalidateQueries({ queryKey: projectKeys.all }),
  });
}

export type ChangeProjectInput = z.input<typeof changeProjectSchema>;

export function useChangeProject(projectId: ProjectId) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: ChangeProjectInput) =>
      (await ask({ method: "PATCH", path: apiPath.project(projectId), body, answer: oneProjectSchema })).project,
    onSettled: () => client.invalidateQueries({ queryKey: projectKeys.all }),
  });
}
