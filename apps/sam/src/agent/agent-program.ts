/** The commands about agents. */
import { type Command, Option } from "commander";

import { commandContext, type CommonOptions } from "../command-context.ts";
import { type Finish, makeCommand, makeGroup, oneDocument } from "../command-maker.ts";
import type { AgentsOptions } from "./agents-command.ts";
import type { CheckAgentOptions } from "./check-agent-command.ts";
import type { SetAgentOptions } from "./set-agent-command.ts";

const projectHelp = "for one project: its id or its repository";

export function addAgentCommands(program: Command, finish: Finish): void {
  makeCommand(program, {
    name: "agents",
    description: "List the agents: installed or not, key, model, base URL, what each lacks and cannot do",
    json: oneDocument,
  })
    .option("--project <project>", projectHelp)
    .action(async (options: CommonOptions & AgentsOptions) => {
      const { agentsCommand } = await import("./agents-command.ts");
      finish(await agentsCommand(commandContext(options), options));
    });
  const agent = makeGroup(program, "agent", "Set an agent's model and base URL, or prove that it works");
  addSetCommand(agent, finish);
  addCheckCommand(agent, finish);
}

function addSetCommand(agent: Command, finish: Finish): void {
  makeCommand(agent, {
    name: "set",
    description: "Set an agent's model and where it answers; what is left out stays",
    json: oneDocument,
  })
    .argument("<id>", "the agent, such as codex")
    .option("--model <name>", "the model")
    .option("--base-url <URL>", "of the model's server: a gateway, or one of your own")
    .option("--project <project>", projectHelp)
    .addOption(
      new Option("--unset <setting...>", "take a setting away: model, base-url").choices(["model", "base-url"]),
    )
    .action(async (id: string, options: CommonOptions & SetAgentOptions) => {
      const { setAgentCommand } = await import("./set-agent-command.ts");
      finish(await setAgentCommand(commandContext(options), id, options));
    });
}

function addCheckCommand(agent: Command, finish: Finish): void {
  makeCommand(agent, {
    name: "check",
    description: "Prove an agent with one small real turn: installation, session, key and model",
    json: oneDocument,
  })
    .argument("<id>", "the agent, such as codex")
    .option("--repo <path or URL>", "the repository to run it on (default: the sample's)")
    .addHelpText("after", "\nThe exit code is 0 only if the turn really ended well.")
    .action(async (id: string, options: CommonOptions & CheckAgentOptions) => {
      const { checkAgentCommand } = await import("./check-agent-command.ts");
      finish(await checkAgentCommand(commandContext(options), id, options));
    });
}
