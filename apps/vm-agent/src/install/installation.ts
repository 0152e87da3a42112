/**
 * An installation is one agent at one version in a folder of the cache, `<id>@<version>`. It is whole if and only if its
 * stamp names the hash of the lockfile that it is held against, and nothing of what the stamp counted is missing: a power
 * cut can leave files of the right name with nothing in them. More than that may be there: some programs write beside
 * themselves.
 */
import { accessSync, constants, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { InstalledLine, InstallListLine } from "@sam/protocol/agent-install";
import { z } from "zod";

import { nullIfMissing } from "../errno.ts";
import type { AgentRecipe } from "./agent-recipe.ts";
import { treeSize } from "./tree-size.ts";

export const stampName = ".sam-installed.json";
const packagesName = "node_modules";

const stampSchema = z.object({
  hash: z.string(),
  files: z.number().int().positive(),
  bytes: z.number().int().positive(),
});

export type Condition = InstallListLine["condition"];

export function installationFolder(cache: string, recipe: Pick<AgentRecipe, "agentId" | "version">): string {
  return join(cache, `${recipe.agentId}@${recipe.version}`);
}

/** Looks at every file, which takes some hundredths of a second for the largest agent. */
export async function conditionOf(folder: string, recipe: AgentRecipe): Promise<Condition> {
  const text = nullIfMissing(() => readFileSync(join(folder, stampName), "utf8"));
  if (text === null) return "absent";
  const stamp = stampSchema.safeParse(jsonOrNull(text));
  if (!stamp.success || stamp.data.hash !== recipe.hash || !isStartable(folder, recipe)) return "damaged";
  const { files, bytes } = await treeSize(join(folder, packagesName));
  return files >= stamp.data.files && bytes >= stamp.data.bytes ? "whole" : "damaged";
}

/** Says of a folder that it is whole: the last thing that is written there. */
export async function writeStamp(folder: string, recipe: AgentRecipe): Promise<void> {
  const { files, bytes } = await treeSize(join(folder, packagesName));
  writeFileSync(join(folder, stampName), `${JSON.stringify({ hash: recipe.hash, files, bytes })}\n`, { flush: true });
}

/** The stamp's own time is when the installation was last asked for. */
export function noteUse(folder: string, now: Date): void {
  nullIfMissing(() => utimesSync(join(folder, stampName), now, now));
}

export function isStartable(folder: string, { start, runtime }: AgentRecipe): boolean {
  try {
    accessSync(join(folder, start), runtime === "native" ? constants.R_OK | constants.X_OK : constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

export function installedLine(folder: string, recipe: AgentRecipe): InstalledLine {
  const { agentId, version, start, runtime } = recipe;
  return { type: "installed", agentId, version, folder, start: join(folder, start), runtime };
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
