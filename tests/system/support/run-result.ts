/** What `sam run --json` says at its end. */
import { type TaskView, taskViewSchema } from "@sam/protocol/task-api";
import { z } from "zod";

import { parseJsonLines } from "./json-lines.ts";
import type { CommandEnd } from "./sam-command.ts";

const resultSchema = z.object({ type: z.literal("result"), exitCode: z.number(), task: taskViewSchema });

/** @returns the task as the last line has it, whose exit code must be the command's own. */
export function taskOf({ stdout, stderr, exitCode }: CommandEnd): TaskView {
  const last = resultSchema.safeParse(parseJsonLines(stdout).at(-1));
  if (!last.success) throw new Error(`the last line is no result: ${stdout}${stderr}`);
  if (last.data.exitCode !== exitCode)
    throw new Error(`exit code ${exitCode}, but the result says ${last.data.exitCode}`);
  return last.data.task;
}
