/**
 * What must be true of every end, whatever the scenario: it is the one that was expected, its colour is earned, nothing is
 * left running or owed, and nobody was shown what is secret.
 */
import { isFinal } from "@sam/domain/task-lifecycle";
import { allVerdictsHold, verdictColour } from "@sam/domain/verdicts";
import type { TaskView } from "@sam/protocol/task-api";
import { expect } from "vitest";

import { readMessages } from "../../system/support/conversation.ts";
import { expectReceipt } from "../../system/support/proofs.ts";
import type { End, Played } from "../scenarios/scenario.ts";
import { modelKey, secret, type AgentBed } from "./agent-bed.ts";
import { expectNoProcess } from "./watching.ts";

/** @returns the task as it ended. */
export async function expectHonestEnd(bed: AgentBed, played: Played, end: End): Promise<TaskView> {
  const { system } = bed;
  const { taskId, followed } = played;
  const isCancelled = followed.task?.step === "cancelled";
  const lines = isCancelled ? 5 : 4;
  await system.until("the receipt is whole", () => followed.task?.receipt.length === lines, { taskId });
  const task = await expectReceipt(system, taskId, isCancelled);
  expect(endOf(task)).toEqual(end);
  await expectColourEarned(played, task);
  await expectNothingSecretShown(bed, taskId);
  await expectNoProcess(bed, taskId, null);
  return task;
}

/** @returns how a task ended. */
export function endOf({ step, verdicts, failure }: TaskView): End {
  if (!isFinal(step)) throw new Error(`it has not ended: it is in ${step}`);
  return { step, colour: verdictColour(step, verdicts), reason: failure?.reason ?? null };
}

/** Never green without evidence: the remote has the work. Never red with work delivered: the remote has none of it. */
async function expectColourEarned({ repository }: Played, task: TaskView): Promise<void> {
  const { branch, verdicts } = task;
  const branches = await repository.branches();
  switch (endOf(task).colour) {
    case "green":
      expect(allVerdictsHold(verdicts)).toBe(true);
      expect(branches).toEqual([branch]);
      expect(verdicts.pushed?.commit).toBe(await repository.head(branch));
      expect((await repository.changed(branch)).length).toBeGreaterThan(0);
      return;
    case "red":
      expect(branches).toEqual([]);
      expect(verdicts.pushed?.holds).not.toBe(true);
      expect(task.failure?.evidence).not.toBe("");
      return;
    case "amber":
      expect(allVerdictsHold(verdicts)).toBe(false);
  }
}

/** Every message is there once and in order, and none holds a secret, nor does the task itself. */
async function expectNothingSecretShown({ system }: AgentBed, taskId: string): Promise<void> {
  const messages = await readMessages(system.api, taskId);
  expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, index) => index + 1));
  const shown = JSON.stringify([messages, await system.api.task(taskId)]);
  expect(shown.includes(modelKey), "the model's key is shown").toBe(false);
  expect(shown.includes(secret.value), "the owner's secret is shown").toBe(false);
}
