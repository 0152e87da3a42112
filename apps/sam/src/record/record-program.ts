/** The commands of the flight recorder: a file of all that is known of a task, and what that file tells. */
import type { Command } from "commander";

import { commandContext, type CommonOptions } from "../command-context.ts";
import { type Finish, helpProse, makeCommand, oneDocument } from "../command-maker.ts";
import type { ExportOptions } from "./export-command.ts";
import type { ReplayOptions } from "./replay-command.ts";

/** @param task the command `sam task`, of which it is a part. */
export function addExportCommand(task: Command, finish: Finish): void {
  makeCommand(task, {
    name: "export",
    description: "Write all that is known of a task and its nodes into one file, without secrets",
    json: oneDocument,
  })
    .argument("<id>", "the task's id, or a unique beginning or end of it")
    .option("--output <file>", "where to; - is the standard output (default: <task id>.json where you are)")
    .action(async (id: string, options: CommonOptions & ExportOptions) => {
      const { exportCommand } = await import("./export-command.ts");
      finish(await exportCommand(commandContext(options), id, options));
    });
}

export function addReplayCommand(program: Command, finish: Finish): void {
  makeCommand(program, {
    name: "replay",
    description: "Show a file of sam task export in the order of time, and say what the rules say about it",
    json: oneDocument,
  })
    .argument("<file>", "the file")
    .option("--as-test", "write a test case of it for vitest, in this checkout")
    .option("--output <file>", "with --as-test: where to")
    .addHelpText(
      "after",
      helpProse(
        "It needs no running system. Every event is given to the decisions of this version again; where they come to something else than was recorded, that is said, and the exit code is 1, as where one of the rules is broken.",
      ),
    )
    .action(async (file: string, options: CommonOptions & ReplayOptions) => {
      const { replayCommand } = await import("./replay-command.ts");
      finish(replayCommand(file, options));
    });
}
