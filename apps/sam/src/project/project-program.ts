/** The commands about projects. */
import type { Command } from "commander";

import { commandContext, type CommonOptions } from "../command-context.ts";
import { type Finish, makeCommand, makeGroup, oneDocument } from "../command-maker.ts";
import { modeOption, policiesHelp, policyOption } from "../task/task-program.ts";
import type { SetProjectOptions } from "./set-project-command.ts";

export function addProjectCommands(program: Command, finish: Finish): void {
  makeCommand(program, {
    name: "projects",
    description: "List the projects, and what their tasks have where they say nothing else",
    json: oneDocument,
  }).action(async (options: CommonOptions) => {
    const { projectsCommand } = await import("./projects-command.ts");
    finish(await projectsCommand(commandContext(options)));
  });
  const project = makeGroup(program, "project", "Change a project");
  makeCommand(project, {
    name: "set",
    description: "Set what a project's tasks have where they say nothing else; what is left out stays",
    json: oneDocument,
  })
    .argument("<project>", "its id, or its repository: a path or a URL; one without a project gets one")
    .option("--name <name>", "what it is called")
    .option("--agent <id>", "the agent; sam agents lists them")
    .option("--check <command>", 'the command that proves the work, such as "npm test"')
    .option("--no-check", "no such command")
    .addOption(policyOption())
    .addOption(modeOption())
    .addHelpText("after", policiesHelp)
    .action(async (named: string, options: CommonOptions & SetProjectOptions) => {
      const { setProjectCommand } = await import("./set-project-command.ts");
      finish(await setProjectCommand(commandContext(options), named, options));
    });
}
