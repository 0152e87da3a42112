/** What a person wants to be done or said: an argument, a file, or the standard input. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { maxPromptBytes } from "@sam/protocol/task-api";

import { userDirectory } from "../data-directory/data-directory.ts";
import { errorCode } from "../data-directory/files.ts";
import { UsageError } from "../exit-code.ts";

export interface PromptSource {
  readonly text: string | undefined;
  /** A path, or `-` for the standard input. */
  readonly file: string | undefined;
}

export interface PromptWords {
  /** What to give, where nothing was given. */
  readonly missing: string;
  /** What did not happen, such as `Nothing was submitted.` */
  readonly nothing: string;
}

/** Throws a UsageError where there is none, or more than one. */
export function readPrompt({ text, file }: PromptSource, { missing, nothing }: PromptWords): string {
  if (text !== undefined && file !== undefined) {
    throw new UsageError(`Give the text either as an argument or with --file, not both. ${nothing}`);
  }
  if (file !== undefined) return readPromptFile(file, nothing);
  if (text !== undefined) return text;
  throw new UsageError(`${missing} ${nothing}`);
}

function readPromptFile(file: string, nothing: string): string {
  const path = file === "-" ? 0 : resolve(userDirectory(), file);
  try {
    const bytes = readFileSync(path);
    if (bytes.length > maxPromptBytes) throw new UsageError(`${file} is longer than 64 KB. ${nothing}`);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--file ${file} cannot be read: ${whyUnreadable(error)}. ${nothing}`, { cause: error });
  }
}

/** Why a file's text cannot be had, in words. */
export function whyUnreadable(error: unknown): string {
  if (error instanceof TypeError) return "it is not text in UTF-8";
  switch (errorCode(error)) {
    case "ENOENT":
      return "there is no such file";
    case "EISDIR":
      return "it is a directory";
    case "EACCES":
      return "this user may not read it";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
