/** `sam open`: a fresh link that signs its first user in to the page, and the browser on it where there is one. */
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";
import { duration } from "../terminal/times.ts";
import { hasDisplay, openBrowser } from "./browser.ts";
import { makeSignInLink } from "./sign-in-link.ts";

export interface OpenOptions {
  /** False with `--no-browser`. */
  readonly browser: boolean;
}

export async function openCommand(context: CommandContext, { browser }: OpenOptions): Promise<ExitCode> {
  const { directory, json, terminal } = context;
  const link = await makeSignInLink(context.api);
  if (json) {
    printJson(link);
    return exitCodes.completed;
  }
  terminal.line(link.url);
  terminal.line(`It signs in once, within ${duration(link.expiresAt - Date.now())}. Another one: sam open`);
  if (!browser || process.stdout.isTTY !== true || !hasDisplay()) return exitCodes.completed;
  const opened = await openBrowser(directory, link.url);
  terminal.line(opened ? "Your browser was asked to open it." : "No browser could be started: open the link by hand.");
  return exitCodes.completed;
}
