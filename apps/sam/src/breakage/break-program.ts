/** The command that breaks something on purpose. */
import type { Command } from "commander";

import { commandContext, type CommonOptions } from "../command-context.ts";
import { type Finish, makeCommand } from "../command-maker.ts";

export interface BreakOptions extends CommonOptions {
  readonly node?: string;
  readonly for?: string;
  readonly yes?: boolean;
}

export function addBreakCommand(program: Command, finish: Finish): void {
  makeCommand(program, {
    name: "break",
    description: "Break something of this SAM on purpose, and see what was promised about it hold",
    json: "print one JSON document: what was done, and what became of each promise",
  })
    .argument(
      "[what]",
      "kill-vm-agent, cut-network, restart-control-plane or stall-provider; left out: says what each does",
    )
    .option("--node <id>", "whose VM agent, whose network (default: the only node that is connected)")
    .option("--for <seconds>", "how long the network is cut or the provider stalled, 0.5 to 120")
    .option("--yes", "do not ask")
    .action(async (what: string | undefined, options: BreakOptions) => {
      const { breakCommand } = await import("./break-command.ts");
      finish(await breakCommand(commandContext(options), what, options));
    });
}
