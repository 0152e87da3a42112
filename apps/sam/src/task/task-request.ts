/** A request for a task, put together from a command line and checked before anything is started. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { submitTaskSchema } from "@sam/protocol/task-api";

import { checkedInput } from "../checked-input.ts";
import type { TaskRequest } from "../client/api-client.ts";
import { userDirectory } from "../data-directory/data-directory.ts";
import { readPrompt } from "./prompt-text.ts";

export interface TaskRequestOptions {
  readonly repo: string;
  readonly branch?: string;
  readonly agent?: string;
  /** False: no check, also where the project has one. */
  readonly check?: string | false;
  /** A path, or `-` for the standard input. */
  readonly file?: string;
  readonly policy?: string;
  readonly mode?: string;
}

/** How a field of the API is named on the command line. */
const flags: Readonly<Record<string, string>> = {
  prompt: "the prompt",
  "repository.url": "--repo",
  "repository.branch": "--branch",
  agentId: "--agent",
  checkCommand: "--check",
  permissionPolicy: "--policy",
  mode: "--mode",
};
const nothing = "Nothing was submitted.";

/** Throws a UsageError that names what is wrong; nothing was sent by then. What is left out is the project's default. */
export function taskRequest(text: string | undefined, options: TaskRequestOptions): TaskRequest {
  const missing = 'Say what is to be done: sam run --repo <path or URL> "what to do", or --file plan.md.';
  const prompt = readPrompt({ text, file: options.file }, { missing, nothing });
  const request = {
    prompt,
    repository: { url: repositoryUrl(options.repo), branch: options.branch ?? null },
    agentId: options.agent,
    checkCommand: options.check === false ? null : options.check,
    permissionPolicy: options.policy,
    mode: options.mode,
  };
  return checkedInput(submitTaskSchema, request, { flags, nothing });
}

/** Paths are relative to where the person stands; everything else is left to git. */
export function repositoryUrl(repo: string, from: string = userDirectory()): string {
  if (repo.startsWith("file://")) return fileURLToPath(repo);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(repo) || /^[\w.-]+@[\w.-]+:/.test(repo)) return repo;
  return repo === "" ? "" : resolve(from, repo);
}
