/** The checks of the catalog's agents: which are installed, at which version, and what the others will take. */
import type { InstallListLine } from "@sam/protocol/agent-install";

import { installedAgents } from "../agent/installed-agents.ts";
import type { DataDirectory } from "../data-directory/data-directory.ts";
import type { Check } from "./check.ts";
import { programVersion } from "./program-version.ts";

/** npm's check and one for each agent. @param own ids that this installation has its own program for. */
export async function checkCatalog(directory: DataDirectory, own: readonly string[]): Promise<readonly Check[]> {
  const [npmVersion, listed] = await Promise.all([programVersion("npm", ["--version"]), installedAgents(directory)]);
  const agents = listed.filter(({ agentId }) => !own.includes(agentId));
  return [checkNpm(npmVersion), ...agents.map((agent) => checkAgent(agent, npmVersion !== null))];
}

export function checkNpm(version: string | null): Check {
  return {
    name: "npm",
    state: version === null ? "limited" : "ok",
    essential: false,
    finding: version === null ? "not found on the PATH" : `npm ${version}`,
    gives: "installs a coding agent at its first use, from the registry that it is configured with",
    remedy: version === null ? "Install Node with npm: https://nodejs.org. What is installed already works" : null,
  };
}

export function checkAgent({ agentId, version, condition, megabytes }: InstallListLine, hasNpm: boolean): Check {
  const check = { name: agentId, essential: false, gives: `sam run --agent ${agentId}` };
  if (condition === "whole") return { ...check, state: "ok", finding: `installed, version ${version}`, remedy: null };
  const what = `version ${version} is installed at ${condition === "damaged" ? "the next" : "first"} use (about ${megabytes} MB)`;
  return {
    ...check,
    state: hasNpm ? "ok" : "limited",
    finding: condition === "damaged" ? `a part of it is missing; ${what}` : what,
    remedy: hasNpm ? null : "It needs npm for that",
  };
}
