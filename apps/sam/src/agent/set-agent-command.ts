/** `sam agent set <id>`: an agent's model and base URL, for every project or for one. */
import { setAgentSchema } from "@sam/protocol/agent-api";

import { checkedInput } from "../checked-input.ts";
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes, UsageError } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";
import { setAgent } from "./agent-requests.ts";
import { agentLines } from "./agent-view.ts";
import { installationOf, projectIdOf } from "./agents-command.ts";
import { installedAgents } from "./installed-agents.ts";

export interface SetAgentOptions {
  readonly model?: string;
  readonly baseUrl?: string;
  readonly project?: string;
  /** `model`, `base-url`. */
  readonly unset?: readonly string[];
}

const nothing = "Nothing was set.";
const flags = { model: "--model", baseUrl: "--base-url" };

export async function setAgentCommand(
  context: CommandContext,
  agentId: string,
  options: SetAgentOptions,
): Promise<ExitCode> {
  const { api, json, terminal } = context;
  // What is wrong by itself is said before anything is asked of the control plane.
  const change = checkedInput(setAgentSchema, changeOf(options), { flags, nothing });
  const projectId = await projectIdOf(context, options.project);
  const agent = await setAgent(api, agentId, { ...change, projectId });
  const installation = installationOf(agent, await installedAgents(context.directory));
  if (json) printJson({ agent });
  else for (const line of agentLines(agent, installation, projectId, terminal)) terminal.line(line);
  return exitCodes.completed;
}

function changeOf({ model, baseUrl, unset = [] }: SetAgentOptions) {
  const both = (given: string | undefined, name: string) => given !== undefined && unset.includes(name);
  for (const name of ["model", "base-url"]) {
    if (both(name === "model" ? model : baseUrl, name)) {
      throw new UsageError(`Either --${name} or --unset ${name}: not both. ${nothing}`);
    }
  }
  if (model === undefined && baseUrl === undefined && unset.length === 0) {
    throw new UsageError(`Say what to set: --model, --base-url, or --unset model or base-url. ${nothing}`);
  }
  return {
    ...(unset.includes("model") ? { model: null } : model === undefined ? {} : { model }),
    ...(unset.includes("base-url") ? { baseUrl: null } : baseUrl === undefined ? {} : { baseUrl }),
  };
}
