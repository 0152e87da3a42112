/** The entry of `sam`: runs the command and ends the process with its exit code. */
import { enableCompileCache } from "node:module";
import { join } from "node:path";

import { CommanderError } from "commander";

import { checkoutRoot } from "./data-directory/checkout.ts";
import { CommandError, type ExitCode, exitCodes } from "./exit-code.ts";
import { buildProgram } from "./program.ts";
import { printJson } from "./terminal/json-output.ts";
import { complain } from "./terminal/terminal.ts";

/** To a person commander has said it already: a help text, or what is wrong with the arguments. */
function explainUsage({ exitCode, code, message }: CommanderError): ExitCode {
  if (exitCode === 0) return exitCodes.completed;
  if (process.argv.includes("--json") && code !== "commander.help") {
    printJson({ type: "error", message: message.replace(/^error: /, ""), exitCode: exitCodes.usage });
  }
  return exitCodes.usage;
}

/** @returns the exit code for what a command threw; says what it was. */
function explain(error: unknown): ExitCode {
  if (error instanceof CommanderError) return explainUsage(error);
  const exitCode = error instanceof CommandError ? error.exitCode : exitCodes.failed;
  const message = error instanceof Error ? error.message : String(error);
  if (process.argv.includes("--json")) printJson({ type: "error", message, exitCode });
  complain(error instanceof CommandError || !(error instanceof Error) ? message : (error.stack ?? message));
  return exitCode;
}

async function main(): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.completed;
  try {
    await buildProgram((code) => {
      exitCode = code;
    }).parseAsync();
    return exitCode;
  } catch (error) {
    return explain(error);
  }
}

/** Resolves when the reader has taken everything: what waits for a slow one would be lost with the process. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
}

// Compiling Miniflare takes as long as running it to its first line. Where npm started us, this is in force already.
enableCompileCache(join(checkoutRoot(), "node_modules", ".cache", "node-compile"));

// Whoever reads us may have seen enough: `sam tasks | head -1`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? exitCodes.completed : exitCodes.failed);
});

const exitCode = await main();
await written(process.stdout);
await written(process.stderr);
process.exit(exitCode);
