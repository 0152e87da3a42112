/** `sam secrets list`: the names, and what each is for. */
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";
import { listSecrets } from "./secret-requests.ts";
import { secretLine } from "./secret-view.ts";

export async function listSecretsCommand({ api, json, terminal }: CommandContext): Promise<ExitCode> {
  const secrets = await listSecrets(api);
  if (json) printJson({ secrets });
  else if (secrets.length === 0) {
    terminal.line("No secret yet. Set one with: sam secrets set NAME. Which key an agent needs: sam agents");
  } else {
    const width = Math.max(...secrets.map(({ name }) => name.length));
    for (const secret of secrets) terminal.line(secretLine(secret, width, Date.now()));
  }
  return exitCodes.completed;
}
