/** How a command or a task should have ended; where it didn't, the failing test shows what a person needs to see. */
import type { TaskView } from "@sam/protocol/task-api";
import { expect } from "vitest";

import type { CommandEnd } from "./sam-command.ts";
import type { System } from "./system.ts";

export function expectExit(ended: CommandEnd, exitCode: number): void {
  expect(ended.exitCode, `${ended.stdout}\n${ended.stderr}`).toBe(exitCode);
}

/** @param expected what the task, as it ended, must match. */
export async function expectEnded(system: System, task: TaskView, expected: object): Promise<void> {
  const report = await system.report(task.taskId);
  expect(task, `as it should have ended. ${report}`).toMatchObject(expected);
}

/** Waits for the end of a task. @returns it. */
export async function untilEnded(system: System, taskId: string, expected: object): Promise<TaskView> {
  const task = await system.untilFinal(taskId);
  await expectEnded(system, task, expected);
  return task;
}
