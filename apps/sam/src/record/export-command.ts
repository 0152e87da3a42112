/** `sam task export <id>`: all that is known of a task and its nodes, in one file that holds no secret. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { taskExportSchema } from "@sam/protocol/task-export";

import { resolveTaskId } from "../client/task-id.ts";
import type { CommandContext } from "../command-context.ts";
import { userDirectory } from "../data-directory/data-directory.ts";
import { errorCode } from "../data-directory/files.ts";
import { type ExitCode, exitCodes, UsageError } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";
import { counted } from "./replay-words.ts";

export interface ExportOptions {
  readonly output?: string;
}

/** A long conversation takes its time. */
const exportTimeoutMs = 120_000;

export async function exportCommand(context: CommandContext, id: string, options: ExportOptions): Promise<ExitCode> {
  const taskId = await resolveTaskId(context.api, id);
  const timeoutMs = exportTimeoutMs;
  const exported = await context.api.request("GET", `/api/tasks/${taskId}/export`, taskExportSchema, { timeoutMs });
  const text = `${JSON.stringify(exported, null, 1)}\n`;
  if (options.output === "-") {
    process.stdout.write(text);
    return exitCodes.completed;
  }
  const path = resolve(userDirectory(), options.output ?? `${taskId}.json`);
  writeOut(path, text);
  const { record, messages } = exported.task;
  if (context.json) {
    const { length } = record.entries;
    printJson({ taskId, path, bytes: Buffer.byteLength(text), entries: length, messages: messages.length });
    return exitCodes.completed;
  }
  const { terminal } = context;
  const held = [
    counted(record.entries.length, "entry", "entries"),
    counted(messages.length, "message"),
    counted(exported.nodes.length, "node"),
  ];
  terminal.line(`${path}: ${held.join(", ")}.`);
  if (exported.secretsNotLookedFor.length > 0) {
    const names = exported.secretsNotLookedFor.join(", ");
    terminal.line(
      `${terminal.paint("amber", "▲")} No key opens these secrets, so they were not looked for here, but on the node alone: ${names}`,
    );
  }
  terminal.line(`Look at it with: sam replay ${path}`);
  return exitCodes.completed;
}

/**
 * Whoever may read the file may read the conversation: it is its owner's alone, where nothing else is said.
 * @param makesDirectory for a place that nobody named. Throws a UsageError where it cannot be.
 */
export function writeOut(path: string, text: string, { mode = 0o600, makesDirectory = false } = {}): void {
  try {
    if (makesDirectory) mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode });
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${whyUnwritable(error)}. Name another file with --output.`, {
      cause: error,
    });
  }
}

function whyUnwritable(error: unknown): string {
  switch (errorCode(error)) {
    case "ENOENT":
      return "its directory is not there";
    case "EISDIR":
      return "it is a directory";
    case "EACCES":
    case "EROFS":
      return "this user may not write there";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
