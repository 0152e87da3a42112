/**
 * An agent's recipe is its committed `package.json` and `package-lock.json`: which packages, at which versions, with which
 * hashes. An agent can be installed if and only if it has one; nobody names a package from outside.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { installRuntimes } from "@sam/protocol/agent-install";
import { z } from "zod";

import { nullIfMissing } from "../errno.ts";
import { installFailure } from "./install-failure.ts";

export interface AgentRecipe {
  readonly agentId: string;
  /** The agent's own, exact. */
  readonly version: string;
  readonly manifest: string;
  readonly lockfile: string;
  /** Of the lockfile on this kind of machine: what an installation is held against. */
  readonly hash: string;
  /** The file to start, below the folder of the installation. */
  readonly start: string;
  readonly runtime: (typeof installRuntimes)[number];
  /** Of the whole installation on disk. */
  readonly megabytes: number;
}

const manifestSchema = z.object({
  version: z.string().regex(/^\d+\.\d+\.\d+[\w.-]*$/),
  sam: z.object({
    start: z.string().startsWith("node_modules/"),
    runtime: z.enum(installRuntimes),
    megabytes: z.number().positive(),
  }),
});

const idPattern = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** @throws InstallFailure `unknown_agent` */
export function readRecipe(recipes: string, agentId: string): AgentRecipe {
  const found = idPattern.test(agentId) ? nullIfMissing(() => readFiles(join(recipes, agentId))) : null;
  if (found === null) {
    throw installFailure("unknown_agent", `SAM installs no agent ${JSON.stringify(agentId.slice(0, 64))}.`);
  }
  const { manifest, lockfile } = found;
  const { version, sam } = manifestSchema.parse(JSON.parse(manifest));
  const hash = createHash("sha256").update(`${process.platform}-${process.arch}\n${lockfile}`).digest("hex");
  return { agentId, version, manifest, lockfile, hash, ...sam };
}

function readFiles(folder: string): { manifest: string; lockfile: string } {
  return {
    manifest: readFileSync(join(folder, "package.json"), "utf8"),
    lockfile: readFileSync(join(folder, "package-lock.json"), "utf8"),
  };
}

/** @returns the recipes of a folder, by id. */
export function listRecipes(recipes: string): AgentRecipe[] {
  return readdirSync(recipes, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => readRecipe(recipes, entry.name))
    .toSorted((a, b) => (a.agentId < b.agentId ? -1 : 1));
}
