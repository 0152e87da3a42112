/** The commands of `sam`, their arguments and their help. What a command does is loaded when it is called. */
import { Command } from "commander";

import packageJson from "../package.json" with { type: "json" };
import { addAgentCommands } from "./agent/agent-program.ts";
import { addAuditCommand } from "./audit/audit-program.ts";
import { addBreakCommand } from "./breakage/break-program.ts";
import type { Finish } from "./command-maker.ts";
import { exitCodesHelp } from "./exit-code.ts";
import { addInboxCommands } from "./inbox/inbox-program.ts";
import { addNodeCommands } from "./nodes/node-program.ts";
import { addProjectCommands } from "./project/project-program.ts";
import { addReplayCommand } from "./record/record-program.ts";
import { addSavedCommands } from "./saved/saved-program.ts";
import { addSecretCommands } from "./secret/secret-program.ts";
import { addSystemCommands } from "./system/system-program.ts";
import { addTaskCommands } from "./task/task-program.ts";

/** @param finish is told the exit code of the command that ran. */
export function buildProgram(finish: Finish): Command {
  const program = new Command("sam")
    .description("Simple Agent Manager: runs AI coding agents on machines you own, and shows only what it can prove.")
    .version(packageJson.version)
    // An option belongs to the command behind which it stands: `sam task export` has others than `sam task`.
    .enablePositionalOptions()
    .showHelpAfterError("See the commands with: sam --help")
    // As whatever else goes wrong is said.
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "sam: ")) })
    .exitOverride()
    .addHelpText("after", `\nIn a checkout, \`sam\` stands for \`npm run sam --\`.${"\n"}${exitCodesHelp}`);
  program.commandsGroup("Start and stop:");
  addSystemCommands(program, finish);
  program.commandsGroup("Tasks:");
  addTaskCommands(program, finish);
  addReplayCommand(program, finish);
  program.commandsGroup("What awaits you, and what is kept for you:");
  addInboxCommands(program, finish);
  addSavedCommands(program, finish);
  program.commandsGroup("Agents, their keys, and projects:");
  addAgentCommands(program, finish);
  addSecretCommands(program, finish);
  addProjectCommands(program, finish);
  program.commandsGroup("Machines:");
  addNodeCommands(program, finish);
  program.commandsGroup("SAM itself:");
  addAuditCommand(program, finish);
  addBreakCommand(program, finish);
  return program;
}
