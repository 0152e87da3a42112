/** An installation as the installer leaves it, with a program of the test for an agent of the catalog. */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { CatalogAgentId } from "@sam/domain/agent-catalog";

import { readRecipe } from "../install/agent-recipe.ts";
import { installationFolder, writeStamp } from "../install/installation.ts";

/** @returns the environment of a VM agent that finds `program` where it looks for the agent. */
export async function installStandIn(
  folder: string,
  agentId: CatalogAgentId,
  program: string,
): Promise<Record<string, string>> {
  const recipes = join(folder, "recipes");
  const cache = join(folder, "cache");
  const start = "node_modules/stand-in/start.mjs";
  mkdirSync(join(recipes, agentId), { recursive: true });
  const manifest = { version: "1.0.0", sam: { start, runtime: "node", megabytes: 1 } };
  writeFileSync(join(recipes, agentId, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(recipes, agentId, "package-lock.json"), "{}");
  const recipe = readRecipe(recipes, agentId);
  const installed = installationFolder(cache, recipe);
  mkdirSync(dirname(join(installed, start)), { recursive: true });
  copyFileSync(program, join(installed, start));
  await writeStamp(installed, recipe);
  return { SAM_AGENT_CACHE: cache, SAM_AGENT_RECIPES: recipes };
}
