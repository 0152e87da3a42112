/** `sam agents`: which agents there are, what each is set to, and what it lacks. */
import type { ProjectId } from "@sam/domain/ids";
import type { AgentView } from "@sam/protocol/agent-api";
import type { InstallListLine } from "@sam/protocol/agent-install";

import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { resolveProject } from "../project/project-requests.ts";
import { printJson } from "../terminal/json-output.ts";
import { listAgents } from "./agent-requests.ts";
import { agentLines, type Installation } from "./agent-view.ts";
import { installedAgents } from "./installed-agents.ts";

export interface AgentsOptions {
  readonly project?: string;
}

export async function agentsCommand(context: CommandContext, options: AgentsOptions): Promise<ExitCode> {
  const { api, directory, json, terminal } = context;
  const projectId = await projectIdOf(context, options.project);
  const [agents, installed] = await Promise.all([listAgents(api, projectId), installedAgents(directory)]);
  const found = agents.map((agent) => ({ agent, installation: installationOf(agent, installed) }));
  if (json) {
    const all = found.map(({ agent, installation }) => ({ ...agent, installation: installation?.condition ?? null }));
    printJson({ agents: all });
    return exitCodes.completed;
  }
  for (const { agent, installation } of found) {
    for (const line of agentLines(agent, installation, projectId, terminal)) terminal.line(line);
  }
  terminal.line("\nProve that one works, with one small real turn: sam agent check <id>");
  return exitCodes.completed;
}

/** @returns null where no project was named. */
export async function projectIdOf({ api }: CommandContext, named: string | undefined): Promise<ProjectId | null> {
  return named === undefined ? null : (await resolveProject(api, named)).projectId;
}

/** Of the version that SAM pins; an agent of this installation's own is not installed by SAM. */
export function installationOf({ agentId, version }: AgentView, installed: readonly InstallListLine[]): Installation {
  return installed.find((one) => one.agentId === agentId && one.version === version) ?? null;
}
