/** The command about saved work. */
import type { Command } from "commander";

import { commandContext, type CommonOptions } from "../command-context.ts";
import { type Finish, helpProse, makeCommand, oneDocument } from "../command-maker.ts";
import type { SavedOptions } from "./saved-command.ts";

export function addSavedCommands(program: Command, finish: Finish): void {
  makeCommand(program, {
    name: "saved",
    description: "List the saved work of your tasks: what was not pushed when a workspace was removed",
    json: oneDocument,
  })
    .argument("[id]", "only that of one task: its id, or a unique beginning or end of it")
    .option("--all", "also what was removed")
    .option("--before <cursor>", "go on where an earlier list ended")
    .option("--discard", "with an id: throw it away, at the remote and on its node")
    .option("--yes", "with --discard: do not ask")
    .addHelpText(
      "after",
      helpProse(
        "Saved work lies under refs/sam/wip/<task> at the remote, never on a branch; where the remote could not be reached it lies on the node that saved it, which is kept for it. What you say next to its task (sam say) brings it back.",
      ),
    )
    .action(async (id: string | undefined, options: CommonOptions & SavedOptions) => {
      const { savedCommand } = await import("./saved-command.ts");
      finish(await savedCommand(commandContext(options), id, options));
    });
}
