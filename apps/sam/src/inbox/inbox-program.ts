/** The command about what awaits its person. */
import type { Command } from "commander";

import { commandContext, type CommonOptions } from "../command-context.ts";
import { type Finish, makeCommand } from "../command-maker.ts";
import type { InboxOptions } from "./inbox-command.ts";

export function addInboxCommands(program: Command, finish: Finish): void {
  makeCommand(program, {
    name: "inbox",
    description: "Show what awaits you, over all projects, oldest first, and what it costs meanwhile",
    json: "print one JSON document; with --watch, a line whenever something changes",
  })
    .option("--watch", "go on, and show it again whenever something begins or ceases to await you")
    .action(async (options: CommonOptions & InboxOptions) => {
      const { inboxCommand } = await import("./inbox-command.ts");
      finish(await inboxCommand(commandContext(options), options));
    });
}
