/** The commands about secrets: keys of models, and what else agents need to know. */
import type { Command } from "commander";

import { commandContext, type CommonOptions } from "../command-context.ts";
import { type Finish, helpProse, makeCommand, makeGroup, oneDocument } from "../command-maker.ts";
import type { DeleteSecretOptions } from "./delete-secret-command.ts";
import type { SetSecretOptions } from "./set-secret-command.ts";

const nameHelp = "the secret's name, such as OPENAI_API_KEY";

export function addSecretCommands(program: Command, finish: Finish): void {
  const secrets = makeGroup(program, "secrets", "Keep the keys that agents need: set, list, delete, rotate");
  addSetCommand(secrets, finish);
  makeCommand(secrets, {
    name: "list",
    description: "List the secrets and what each is for; no value is ever shown",
    json: oneDocument,
  }).action(async (options: CommonOptions) => {
    const { listSecretsCommand } = await import("./list-secrets-command.ts");
    finish(await listSecretsCommand(commandContext(options)));
  });
  addDeleteCommand(secrets, finish);
  makeCommand(secrets, {
    name: "rotate",
    description: "Encrypt every secret anew under a new key of this installation, and forget the older keys",
    json: oneDocument,
  }).action(async (options: CommonOptions) => {
    const { rotateSecretsCommand } = await import("./rotate-secrets-command.ts");
    finish(await rotateSecretsCommand(commandContext(options)));
  });
}

function addDeleteCommand(secrets: Command, finish: Finish): void {
  makeCommand(secrets, { name: "delete", description: "Delete a secret, after a question", json: oneDocument })
    .argument("<NAME>", nameHelp)
    .option("--yes", "without the question")
    .action(async (name: string, options: CommonOptions & DeleteSecretOptions) => {
      const { deleteSecretCommand } = await import("./delete-secret-command.ts");
      finish(await deleteSecretCommand(commandContext(options), name, options));
    });
}

function addSetCommand(secrets: Command, finish: Finish): void {
  makeCommand(secrets, {
    name: "set",
    description: "Set a secret: its value is asked for, and is never shown again",
    json: oneDocument,
  })
    .argument("<NAME>", nameHelp)
    .option("--file <path>", "read the value from a file; - is the standard input")
    .addHelpText(
      "after",
      helpProse(
        "In a terminal the value is asked for and not shown. Piped, it is the standard input. A line end after it is not part of it. It is never taken from the command line, where it would stay in your shell's history and could be read by every program of this machine.",
      ),
    )
    // A value there is refused by what it is, and not merely as one argument too many.
    .allowExcessArguments()
    .action(async (name: string, options: CommonOptions & SetSecretOptions, command: Command) => {
      const { setSecretCommand } = await import("./set-secret-command.ts");
      finish(await setSecretCommand(commandContext(options), name, { ...options, excess: command.args.length - 1 }));
    });
}
