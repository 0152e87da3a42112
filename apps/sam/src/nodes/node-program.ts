/** The commands about machines: the nodes, and this one. */
import type { Command } from "commander";

import { commandContext, type CommonOptions } from "../command-context.ts";
import { type Finish, makeCommand, oneDocument } from "../command-maker.ts";

export function addNodeCommands(program: Command, finish: Finish): void {
  makeCommand(program, {
    name: "nodes",
    description: "List the nodes: what each is, what it does, when it was last heard from",
    json: oneDocument,
  })
    .option("--all", "those that are destroyed, too", false)
    .action(async (options: CommonOptions & { all: boolean }) => {
      const { nodesCommand } = await import("./nodes-command.ts");
      finish(await nodesCommand(commandContext(options), options));
    });
  makeCommand(program, {
    name: "doctor",
    description: "Show what of this machine SAM can use, and how to get the rest",
    json: oneDocument,
  }).action(async (options: CommonOptions) => {
    const { doctorCommand } = await import("../doctor/doctor-command.ts");
    finish(await doctorCommand(commandContext(options)));
  });
}
