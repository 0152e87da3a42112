/** Projects: a git repository of an owner, with the defaults of its tasks. */
import { permissionPolicies } from "@sam/domain/permission-policy";
import { z } from "zod";

import { projectIdSchema } from "./ids.ts";
import { agentIdSchema, checkCommandSchema, repositoryUrlSchema, taskModes } from "./task-api.ts";

const nameSchema = z.string().trim().min(1, { error: "is empty" }).max(128);

/** What a task of this project has where it says nothing else. */
const defaultsSchema = z.object({
  agentId: agentIdSchema,
  checkCommand: checkCommandSchema.nullable(),
  permissionPolicy: z.enum(permissionPolicies),
  mode: z.enum(taskModes),
});

/** `POST /api/projects`: the project of this repository, made where there is none yet. */
export const createProjectSchema = z.object({
  repositoryUrl: repositoryUrlSchema,
  name: nameSchema.optional(),
  defaults: defaultsSchema.partial().default({}),
});

/** `PATCH /api/projects/<id>`: what is left out stays. */
export const changeProjectSchema = z.object({
  name: nameSchema.optional(),
  defaults: defaultsSchema.partial().default({}),
});

export const projectViewSchema = z.object({
  projectId: projectIdSchema,
  repositoryUrl: z.string(),
  name: z.string(),
  createdAt: z.number().int(),
  defaults: defaultsSchema,
});
export type ProjectView = z.infer<typeof projectViewSchema>;
export const projectListSchema = z.object({ projects: z.array(projectViewSchema) });
export const oneProjectSchema = z.object({ project: projectViewSchema });
