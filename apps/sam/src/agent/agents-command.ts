/** `sam agents`: which agents there are, what each is set to, and what it lacks. */
import type { ProjectId } from "@sam/domain/ids";

import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { resolveProject } from "../project/project-requests.ts";
import { printJson } from "../terminal/json-output.ts";
import { listAgents } from "./agent-requests.ts";
import { agentLines } from "./agent-view.ts";
import { installedAgents } from "./installed-agents.ts";

export interface AgentsOptions {
  readonly project?: string;
}

export async function agentsCommand(context: CommandContext, options: AgentsOptions): Promise<ExitCode> {
  const { api, directory, json, terminal } = context;
  const projectId = await projectIdOf(context, options.project);
  const [agents, installed] = await Promise.all([listAgents(api, projectId), installedAgents(directory)]);
  if (json) {
    printJson({ agents: agents.map((agent) => ({ ...agent, installation: installed.get(agent.agentId) ?? null })) });
    return exitCodes.completed;
  }
  for (const agent of agents) {
    const lines = agentLines(agent, installed.get(agent.agentId) ?? null, projectId, terminal);
    for (const line of lines) terminal.line(line);
  }
  terminal.line("\nProve that one works, with one small real turn: sam agent check <id>");
  return exitCodes.completed;
}

/** @returns null where no project was named. */
export async function projectIdOf({ api }: CommandContext, named: string | undefined): Promise<ProjectId | null> {
  return named === undefined ? null : (await resolveProject(api, named)).projectId;
}
