/** The commands about machines: the nodes, and this one. */
import type { Command } from "commander";

import { commandContext, type CommonOptions } from "../command-context.ts";
import { type Finish, makeCommand, oneDocument } from "../command-maker.ts";

export interface NodesOptions {
  readonly all?: boolean;
  readonly destroy?: string;
  readonly discardUnsaved?: boolean;
  readonly yes?: boolean;
}

interface LedgerOptions {
  readonly destroy?: string;
  readonly yes?: boolean;
}

export function addNodeCommands(program: Command, finish: Finish): void {
  makeCommand(program, {
    name: "nodes",
    description: "List the nodes: what each is, what it does, when it was last heard from",
    json: oneDocument,
  })
    .option("--all", "those that are destroyed, too")
    .option("--destroy <id>", "give one up: it takes no task any more, and is destroyed when its last one lets go")
    .option("--discard-unsaved", "with --destroy: also what lies on it and nowhere else")
    .option("--yes", "with --destroy: do not ask")
    .action(async (options: CommonOptions & NodesOptions) => {
      const { destroy } = options;
      if (destroy === undefined) {
        const { nodesCommand } = await import("./nodes-command.ts");
        finish(await nodesCommand(commandContext(options), options));
      } else {
        const { destroyNodeCommand } = await import("./destroy-node-command.ts");
        finish(await destroyNodeCommand(commandContext(options), destroy, options));
      }
    });
  makeCommand(program, {
    name: "ledger",
    description: "Show what the provider lists, held against the nodes: ours, nobody's, and what is not ours",
    json: oneDocument,
  })
    .option("--destroy <kind/id>", "have something that is ours and no node's destroyed now, with the work on it")
    .option("--yes", "with --destroy: do not ask")
    .action(async ({ destroy, yes, ...options }: CommonOptions & LedgerOptions) => {
      if (destroy === undefined) {
        const { ledgerCommand } = await import("./ledger-command.ts");
        finish(await ledgerCommand(commandContext(options)));
      } else {
        const { destroyListedCommand } = await import("./destroy-listed-command.ts");
        finish(await destroyListedCommand(commandContext(options), destroy, yes === true));
      }
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
