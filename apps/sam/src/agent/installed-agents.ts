/** What this machine has of the catalog's agents, as the installer finds it in their folder. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { type InstallListLine, installListLineSchema } from "@sam/protocol/agent-install";

import { bundlesDirectory } from "../data-directory/checkout.ts";
import { agentCacheOf, type DataDirectory } from "../data-directory/data-directory.ts";
import { parseJson } from "../data-directory/files.ts";

/** It looks at every file of what is installed. */
const listTimeoutMs = 20_000;

/** @returns a line for each agent; none where the installer is not built. */
export async function installedAgents(directory: DataDirectory): Promise<readonly InstallListLine[]> {
  const installer = join(bundlesDirectory(), "vm-agent", "dist", "agent-installer.mjs");
  const recipes = join(bundlesDirectory(), "vm-agent", "agents");
  if (!existsSync(installer)) return [];
  const { promise, resolve } = Promise.withResolvers<string>();
  const args = [installer, "list", "--cache", agentCacheOf(directory), "--recipes", recipes];
  execFile(process.execPath, args, { timeout: listTimeoutMs }, (_error, stdout) => resolve(stdout));
  return linesOf(await promise);
}

function linesOf(output: string): InstallListLine[] {
  return output.split("\n").flatMap((line) => {
    const agent = installListLineSchema.safeParse(parseJson(line));
    return agent.success ? [agent.data] : [];
  });
}
