/** A request for a task, put together from a command line and checked before anything is started. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { maxPromptBytes, submitTaskSchema } from "@sam/protocol/task-api";

import type { TaskRequest } from "../client/api-client.ts";
import { userDirectory } from "../data-directory/data-directory.ts";
import { errorCode } from "../data-directory/files.ts";
import { UsageError } from "../exit-code.ts";

export interface TaskRequestOptions {
  readonly repo: string;
  readonly branch?: string;
  readonly agent?: string;
  readonly check?: string;
  /** A path, or `-` for the standard input. */
  readonly file?: string;
}

/** How a field of the API is named on the command line. */
const flags: Readonly<Record<string, string>> = {
  prompt: "the prompt",
  "repository.url": "--repo",
  "repository.branch": "--branch",
  agentId: "--agent",
  checkCommand: "--check",
};

/** Throws a UsageError that names what is wrong; nothing was sent by then. */
export function taskRequest(prompt: string | undefined, options: TaskRequestOptions): TaskRequest {
  const request = {
    prompt: readPrompt(prompt, options.file),
    repository: { url: repositoryUrl(options.repo), branch: options.branch ?? null },
    agentId: options.agent,
    checkCommand: options.check ?? null,
  };
  const parsed = submitTaskSchema.safeParse(request);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => {
    const field = path.join(".");
    return `${flags[field] ?? field} ${message}`;
  });
  throw new UsageError(`${problems.join("\n")}\nNothing was submitted.`);
}

/** Paths are relative to where the person stands; everything else is left to git. */
export function repositoryUrl(repo: string, from: string = userDirectory()): string {
  if (repo.startsWith("file://")) return fileURLToPath(repo);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(repo) || /^[\w.-]+@[\w.-]+:/.test(repo)) return repo;
  return repo === "" ? "" : resolve(from, repo);
}

function readPrompt(prompt: string | undefined, file: string | undefined): string {
  if (prompt !== undefined && file !== undefined) {
    throw new UsageError("Say what to do either as an argument or with --file, not both. Nothing was submitted.");
  }
  if (file !== undefined) return readPromptFile(file);
  if (prompt !== undefined) return prompt;
  throw new UsageError(
    'Say what is to be done: sam run --repo <path or URL> "what to do", or --file plan.md. Nothing was submitted.',
  );
}

function readPromptFile(file: string): string {
  const path = file === "-" ? 0 : resolve(userDirectory(), file);
  try {
    const bytes = readFileSync(path);
    if (bytes.length > maxPromptBytes) throw new UsageError(`${file} is longer than 64 KB. Nothing was submitted.`);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--file ${file} cannot be read: ${whyUnreadable(error)}. Nothing was submitted.`, {
      cause: error,
    });
  }
}

function whyUnreadable(error: unknown): string {
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
