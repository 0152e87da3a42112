/**
 * What is said about the installation of an agent, in lines of JSON: by the installer's process to whoever started it, and
 * by a machine host to a VM agent that asked for it. The asking names an agent, never a package.
 */
import { z } from "zod";

export const installFailureCodes = [
  /** There is no such agent among those that SAM installs. */
  "unknown_agent",
  "npm_missing",
  "registry_unreachable",
  "registry_refused",
  "package_missing",
  "integrity_mismatch",
  "disk_full",
  /** The cache can't be written. */
  "cache_unusable",
  "machine_unsupported",
  /** Nothing arrived for too long. */
  "stalled",
  "timed_out",
  /** The installer was ended in the middle. */
  "interrupted",
  "npm_failed",
  /** npm was content, and the file to start isn't there. */
  "incomplete",
  /** It is installed, where this node can't see it. */
  "not_visible",
] as const;
export type InstallFailureCode = (typeof installFailureCodes)[number];

const agentIdSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/);
const pathSchema = z.string().min(1).max(4096).startsWith("/");

export const installRequestSchema = z.strictObject({ type: z.literal("install"), agentId: agentIdSchema });
export type InstallRequest = z.infer<typeof installRequestSchema>;

export const installRuntimes = ["node", "native"] as const;

/** Progress lines come only when there was progress; the last line is one of the other two. */
export const installLineSchema = z.discriminatedUnion("type", [
  /** Bytes on disk so far. */
  z.object({ type: z.literal("progress"), bytes: z.number().int().nonnegative() }),
  z.object({
    type: z.literal("installed"),
    agentId: agentIdSchema,
    version: z.string().max(64),
    folder: pathSchema,
    /** The file to start: a program, or a script for Node. */
    start: pathSchema,
    runtime: z.enum(installRuntimes),
  }),
  z.object({
    type: z.literal("failed"),
    code: z.enum(installFailureCodes),
    /** What failed and what to do, for a person. */
    message: z.string().max(8_192),
    retryable: z.boolean(),
  }),
]);
export type InstallLine = z.infer<typeof installLineSchema>;
export type InstalledLine = Extract<InstallLine, { type: "installed" }>;
export type FailedLine = Extract<InstallLine, { type: "failed" }>;

/** `whole`: ready to start. `damaged`: a part is missing; the next use installs it anew. */
export const installConditions = ["whole", "absent", "damaged"] as const;

/** A line of the installer's list of what there is in a cache. */
export const installListLineSchema = z.object({
  agentId: agentIdSchema,
  version: z.string(),
  condition: z.enum(installConditions),
  /** Of its installation, as measured when its version was pinned. */
  megabytes: z.number().positive(),
});
export type InstallListLine = z.infer<typeof installListLineSchema>;
