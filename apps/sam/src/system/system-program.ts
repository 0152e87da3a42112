/** The commands that start SAM, stop it, and open its page. */
import { type Command, InvalidArgumentError, Option } from "commander";

import { commandContext, type CommonOptions } from "../command-context.ts";
import { type Finish, makeCommand, oneDocument } from "../command-maker.ts";
import type { OpenOptions } from "../session/open-command.ts";
import type { StartOptions } from "./start-command.ts";
import type { UpOptions } from "./up-command.ts";

export function addSystemCommands(program: Command, finish: Finish): void {
  addStartCommand(program, finish);
  addUpCommand(program, finish);
  makeCommand(program, {
    name: "down",
    description: "Stop the system in order, and prove that nothing of it remains",
    json: oneDocument,
  }).action(async (options: CommonOptions) => {
    const { downCommand } = await import("./down-command.ts");
    finish(await downCommand(commandContext(options)));
  });
  makeCommand(program, {
    name: "open",
    description: "Print a fresh link that signs you in to the page, once, and open it",
    json: oneDocument,
  })
    .option("--no-browser", "only print the link")
    .action(async (options: CommonOptions & OpenOptions) => {
      const { openCommand } = await import("../session/open-command.ts");
      finish(await openCommand(commandContext(options), options));
    });
}

function addStartCommand(program: Command, finish: Finish): void {
  makeCommand(program, {
    name: "start",
    description: "Start SAM; the first time with a first task on a sample repository (npm start)",
    json: "print JSON lines",
  })
    .addOption(portOption())
    .option("--once", "run that task, then stop; exit code 0 only if it completed and all four verdicts hold")
    .action(async (options: CommonOptions & StartOptions) => {
      const { startCommand } = await import("./start-command.ts");
      finish(await startCommand(commandContext(options), options));
    });
}

function addUpCommand(program: Command, finish: Finish): void {
  makeCommand(program, {
    name: "up",
    description: "Run the whole system on this machine until Ctrl-C",
    json: "print JSON lines",
  })
    .addOption(portOption())
    .option("--detach", "return when it is ready; it goes on in the background")
    .addOption(new Option("--background").hideHelp())
    .action(async (options: CommonOptions & UpOptions) => {
      const { upCommand } = await import("./up-command.ts");
      finish(await upCommand(commandContext(options), options));
    });
}

function portOption(): Option {
  return new Option("--port <number>", "the port on 127.0.0.1 (default: 8787, or the next free one)").argParser(
    readPort,
  );
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError("It must be a number from 1 to 65535.");
}
