/** `sam secrets delete NAME`: deletes a secret, once a person has said so. */
import type { CommandContext } from "../command-context.ts";
import { CommandError, type ExitCode, exitCodes, UsageError } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";
import { ask, canAsk } from "../terminal/question.ts";
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
  if (options.yes !== true && !(await isMeant(context, `${name} is ${secretUse(secret)}.`))) {
    terminal.line(nothing);
    return exitCodes.cancelled;
  }
  await deleteSecret(api, name);
  if (json) printJson({ deleted: name });
  else terminal.line(`✓ ${name} is deleted. An agent that runs keeps what it was given until it ends.`);
  return exitCodes.completed;
}

async function isMeant({ json, terminal }: CommandContext, loss: string): Promise<boolean> {
  if (json || !canAsk())
    throw new UsageError(`There is nobody to ask here. To delete it without a question: --yes. ${nothing}`);
  const prompt = `${loss} Its value cannot be had back from SAM. Delete it? [y]es or [n]o: `;
  const { signal } = new AbortController();
  return (await ask(terminal, { prompt, signal, read: readYes })) ?? false;
}

/** @param text null at the end of the input. @returns undefined for an answer that is none. */
export function readYes(text: string | null): boolean | undefined {
  const word = text?.trim().toLowerCase() ?? "no";
  if (word === "") return undefined;
  if ("yes".startsWith(word)) return true;
  return "no".startsWith(word) ? false : undefined;
}
