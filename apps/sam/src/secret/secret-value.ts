/** Where the value of a secret comes from. It passes through no argument, no environment and no output. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { userDirectory } from "../data-directory/data-directory.ts";
import { UsageError } from "../exit-code.ts";
import { whyUnreadable } from "../task/prompt-text.ts";
import { askHidden } from "../terminal/hidden-question.ts";
import { canAsk } from "../terminal/question.ts";

const maxFileBytes = 64 * 1024;

/** @returns the value without a line end after it; null where the person turned away from the question. */
export async function readSecretValue(name: string, file: string | undefined): Promise<string | null> {
  if (file !== undefined) return withoutLineEnd(readText(file));
  if (canAsk()) return askHidden(`Value of ${name} (it is not shown): `);
  if (process.stdin.isTTY === true) {
    throw new UsageError("There is no terminal to ask in. Give the value on the standard input, or with --file.");
  }
  return withoutLineEnd(readText("-"));
}

function readText(file: string): string {
  try {
    const bytes = readFileSync(file === "-" ? 0 : resolve(userDirectory(), file));
    if (bytes.length > maxFileBytes) throw new UsageError("The value is longer than 32 KB. Nothing was set.");
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const what = file === "-" ? "The standard input" : `--file ${file}`;
    throw new UsageError(`${what} cannot be read: ${whyUnreadable(error)}. Nothing was set.`, { cause: error });
  }
}

/** Every editor and every `echo` ends its last line; no key ends in one. */
function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, "");
}
