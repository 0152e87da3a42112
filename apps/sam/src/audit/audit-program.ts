/** The command that audits SAM itself. */
import { type Command, InvalidArgumentError } from "commander";

import { commandContext, type CommonOptions } from "../command-context.ts";
import { type Finish, makeCommand, oneDocument } from "../command-maker.ts";

const longest = 365;

export function addAuditCommand(program: Command, finish: Finish): void {
  makeCommand(program, {
    name: "audit",
    description: "Show what went wrong with SAM itself: what was stuck, lost, silent or missed, and who was concerned",
    json: oneDocument,
  })
    .option("--days <number>", "how far back", readDays, 30)
    .action(async (options: CommonOptions & { days: number }) => {
      const { auditCommand } = await import("./audit-command.ts");
      finish(await auditCommand(commandContext(options), options));
    });
}

function readDays(text: string): number {
  const days = Number(text);
  if (/^\d+$/.test(text) && days >= 1 && days <= longest) return days;
  throw new InvalidArgumentError(`It must be a number from 1 to ${longest}.`);
}
