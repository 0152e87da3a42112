/** How a command of `sam` is made: with the options and the help that all of them have. */
import type { Command } from "commander";

import { type ExitCode, exitCodesHelp } from "./exit-code.ts";
import { wrap } from "./terminal/cells.ts";

/** Is told the exit code of the command that ran. */
export type Finish = (code: ExitCode) => void;

export interface CommandWords {
  readonly name: string;
  readonly description: string;
  /** What `--json` prints. */
  readonly json: string;
}

/** A paragraph of a help text, broken as the rest of it is. */
export function helpProse(...paragraphs: readonly string[]): string {
  const width = process.stdout.columns ?? 80;
  return ["", ...paragraphs.flatMap((paragraph) => wrap(paragraph, width))].join("\n");
}

export const oneDocument = "print one JSON document";

/** Adds a command to the program, or to a command that has commands of its own. */
export function makeCommand(parent: Command, { name, description, json }: CommandWords): Command {
  return parent
    .command(name)
    .description(description)
    .option("--data-dir <path>", "the data directory (default: SAM_DATA_DIR, or .sam in the checkout)")
    .option("--json", json)
    .showHelpAfterError(`See how it is used with: ${[...namesAbove(parent), name].join(" ")} --help`)
    .exitOverride()
    .addHelpText("after", exitCodesHelp);
}

/** @returns the words in front of a command's own, such as `sam task`. */
function namesAbove(command: Command): readonly string[] {
  return command.parent === null ? [command.name()] : [...namesAbove(command.parent), command.name()];
}

/** A command that only holds others, such as `sam secrets`. */
export function makeGroup(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .showHelpAfterError(`See what it holds with: ${[...namesAbove(parent), name].join(" ")} --help`)
    .exitOverride()
    .addHelpText("after", `\nEach of them takes --json and --data-dir.${"\n"}${exitCodesHelp}`);
}
