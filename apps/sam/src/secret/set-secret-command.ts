/** `sam secrets set NAME`: takes a value from the keyboard, unseen, from the standard input or from a file. */
import { setSecretSchema } from "@sam/protocol/secret-api";

import { checkedInput } from "../checked-input.ts";
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes, UsageError } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";
import { setSecret } from "./secret-requests.ts";
import { readSecretValue } from "./secret-value.ts";
import { requireSecretName, secretUse } from "./secret-view.ts";

export interface SetSecretOptions {
  readonly file?: string;
}

const nothing = "Nothing was set.";

export async function setSecretCommand(
  context: CommandContext,
  text: string,
  options: SetSecretOptions & { readonly excess: number },
): Promise<ExitCode> {
  if (options.excess > 0) {
    throw new UsageError(
      `A value is not taken from the command line: there it stays in your shell's history, and every program of this ` +
        `machine can read it. If it was real, replace it at its provider. Give it when asked, on the standard input, or ` +
        `with --file. ${nothing}`,
    );
  }
  const name = requireSecretName(text, nothing);
  const { api, json, terminal } = context;
  // Whether it can be kept at all is found out before a person is asked for it.
  api.locate();
  const value = await readSecretValue(name, options.file);
  if (value === null) {
    if (!json) terminal.line(nothing);
    return exitCodes.cancelled;
  }
  checkedInput(setSecretSchema, { value }, { flags: { value: "the value" }, nothing });
  const secret = await setSecret(api, name, value);
  if (json) printJson({ secret });
  else terminal.line(`✓ ${name} is set: ${secretUse(secret)}. Agents that start from now on have it.`);
  return exitCodes.completed;
}
