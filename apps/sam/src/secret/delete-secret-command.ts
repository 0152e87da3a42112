/** `sam secrets delete NAME`: deletes a secret, once a person has said so. */
import type { CommandContext } from "../command-context.ts";
import { CommandError, type ExitCode, exitCodes } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";
import { isMeant } from "../terminal/yes-question.ts";
import { deleteSecret, listSecrets } from "./secret-requests.ts";
import { requireSecretName, secretUse } from "./secret-view.ts";

export interface DeleteSecretOptions {
  readonly yes?: boolean;
}

const nothing = "Nothing was deleted.";

export async function deleteSecretCommand(
  context: CommandContext,
  text: string,
  options: DeleteSecretOptions,
): Promise<ExitCode> {
  const name = requireSecretName(text, nothing);
  const { api, json, terminal } = context;
  const secret = (await listSecrets(api)).find((one) => one.name === name);
  if (secret === undefined) throw new CommandError(`There is no secret ${name}. See them with: sam secrets list`);
  const losses = [`${name} is ${secretUse(secret)}. Its value cannot be had back from SAM.`];
  if (options.yes !== true && !(await isMeant(context, { losses, question: "Delete it?", otherwise: nothing }))) {
    terminal.line(nothing);
    return exitCodes.cancelled;
  }
  await deleteSecret(api, name);
  if (json) printJson({ deleted: name });
  else terminal.line(`✓ ${name} is deleted. An agent that runs keeps what it was given until it ends.`);
  return exitCodes.completed;
}
