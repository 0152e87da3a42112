/** Agents as the API shows them: the catalog, with the owner's and the project's settings, and whether a key is there. */
import { z } from "zod";

import { projectIdSchema } from "./ids.ts";
import { repositoryUrlSchema } from "./task-api.ts";

export const modelSchema = z
  .string()
  .min(1, { error: "is empty: name a model, or leave it out" })
  .max(256)
  .regex(/^[\w.:/@+-]+$/, { error: "holds a character that no model's name has" });

/** Of the model's server, such as `https://gateway.example/v1`. */
export const baseUrlSchema = z
  .url({ protocol: /^https?$/, error: "must be an http or https URL" })
  .max(2048)
  .refine((url) => !/^https?:\/\/[^/]*@/.test(url), { error: "holds a password: put it into a secret" })
  .refine((url) => !/[?#]/.test(url), { error: "must end before ? and #" });

/** `PUT /api/agents/<id>/settings`: null takes the setting away, what is left out stays. */
export const setAgentSchema = z.object({
  projectId: projectIdSchema.nullable().default(null),
  model: modelSchema.nullable().optional(),
  baseUrl: baseUrlSchema.nullable().optional(),
});

const agentSettingsSchema = z.object({
  /** Null: of the owner, for every project. */
  projectId: projectIdSchema.nullable(),
  model: z.string().nullable(),
  baseUrl: z.string().nullable(),
  updatedAt: z.number().int(),
});

export const agentViewSchema = z.object({
  agentId: z.string(),
  name: z.string(),
  /** Null: it comes with SAM, or this machine's own table names it. */
  npmPackage: z.string().nullable(),
  version: z.string().nullable(),
  /** The secret that holds its model's key; null: it needs none that SAM knows of. */
  keyName: z.string().nullable(),
  keyIsSet: z.boolean(),
  defaultModel: z.string().nullable(),
  defaultBaseUrl: z.string().nullable(),
  settings: z.array(agentSettingsSchema),
  limits: z.array(z.string()),
  /** What stands in the way of a turn, as far as the control plane knows; null: nothing. */
  lacks: z.string().nullable(),
});
export type AgentView = z.infer<typeof agentViewSchema>;
export const agentListSchema = z.object({ agents: z.array(agentViewSchema) });
export const oneAgentSchema = z.object({ agent: agentViewSchema });

/**
 * `POST /api/agents/<id>/check` submits one small real turn as a task; its end says what works. Without a repository it
 * runs on the sample repository, where there is one.
 */
export const checkAgentSchema = z.object({
  repositoryUrl: repositoryUrlSchema.optional(),
  projectId: projectIdSchema.optional(),
});
