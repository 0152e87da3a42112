/** What must be true of every task, however it came to its end. */
import type { NonFinalStep } from "@sam/domain/task-lifecycle";
import { allVerdictsHold } from "@sam/domain/verdicts";
import type { Message } from "@sam/protocol/message";
import type { TaskView } from "@sam/protocol/task-api";
import { expect } from "vitest";

import type { AgentWatch } from "./agent-watch.ts";
import { agentTexts, type Conversation, readMessages } from "./conversation.ts";
import { type Play, workFile, workText } from "./step-scenes.ts";
import type { System } from "./system.ts";
import { repeatedEnds, testimony } from "./witness.ts";

const soonMs = 15_000;

/** The lines of a receipt that an ended task owes; a cancelled one owes its machine's release, too. */
const owed = ["signal_sent", "processes_gone", "workspace_saved", "workspace_removed"] as const;

/** Waits until nothing is owed any more, and checks the receipt. */
export async function expectReceipt(system: System, taskId: string, isCancelled: boolean): Promise<TaskView> {
  const lines = isCancelled ? [...owed, "machine_released" as const] : owed;
  const task = await system.until(
    `the receipt has ${lines.join(", ")}`,
    async () => {
      const now = await system.api.task(taskId);
      return lines.every((line) => now.receipt.some((entry) => entry.line === line)) ? now : null;
    },
    { taskId },
  );
  expect(task.receipt.map(({ line }) => line).toSorted(), "each line is proven once").toEqual([...lines].toSorted());
  return task;
}

/** Each message once and in order, for one who followed it live and for one who reads it afterwards. */
export async function expectWholeConversation(
  system: System,
  live: Conversation,
  taskId: string,
): Promise<readonly Message[]> {
  const messages = await readMessages(system.api, taskId);
  expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, index) => index + 1));
  await system.until("the live conversation has every message", () => live.messages.length >= messages.length, {
    taskId,
  });
  expect(live.error).toBeNull();
  expect(live.messages.slice(0, messages.length)).toEqual(messages);
  return messages;
}

/** One row change in D1 for each transition, in their order, and no other. */
export async function expectRowChangesEqualTransitions(system: System, taskId: string): Promise<void> {
  const transitions = await system.api.transitions(taskId);
  expect(transitions.map(({ version }) => version)).toEqual(transitions.map((_, index) => index + 1));
  expect(system.rowChanges(taskId)).toEqual(transitions.map(({ version, to }) => ({ version, step: to })));
}

/**
 * By the runner's own log the task was in this step at that time: it had come there before, and left later. Of a
 * selection its disk has said so: what it decides in the instant when it is frozen is dated before.
 */
export async function expectToHaveBeenIn(
  system: System,
  taskId: string,
  step: NonFinalStep,
  at: number,
): Promise<void> {
  if (step === "node_selection") return;
  const transitions = await system.api.transitions(taskId);
  const current = transitions.filter((transition) => transition.at <= at).at(-1);
  expect(current?.to).toBe(step);
}

/** Nobody outside moves a selection on: what was under way when the control plane died is done again by itself, soon. */
export async function expectSelectedSoon(system: System, taskId: string, since: number): Promise<void> {
  const transitions = await system.api.transitions(taskId);
  const left = transitions.find(({ from }) => from === "node_selection");
  expect((left?.at ?? Infinity) - since).toBeLessThan(soonMs);
}

/** The branch holds the work and nothing else, was pushed once, and the remote was asked. */
export async function expectDelivered({ system, repository }: Play, taskId: string): Promise<void> {
  const { step, failure, verdicts, branch } = await system.api.task(taskId);
  expect({ step, failure }).toEqual({ step: "completed", failure: null });
  expect(verdicts.checked?.outcome).toBe("passed");
  expect(allVerdictsHold(verdicts)).toBe(true);
  expect(await repository.changed(branch)).toEqual([workFile]);
  expect(await repository.read(branch, workFile)).toBe(workText);
  expect(repository.pushes(branch)).toBe(1);
  expect(verdicts.pushed?.commit).toBe(await repository.head(branch));
}

const toldByRunbook = ["Part 1 of the task.", "Part 2 of the task.", "Part 3 of the task."];
const shownByRunbook = ["line one", "line two", "line three"];
const toldByStandIn = [`Wrote ${workFile}.`];

/** What the agent said and did is told once, though it was started again; of a completed task nothing is missing. */
export function expectToldOnce(messages: readonly Message[], { step, agentId }: TaskView): void {
  const told = agentId === "runbook" ? toldByRunbook : toldByStandIn;
  const shown = agentId === "runbook" ? shownByRunbook : [];
  const texts = agentTexts(messages);
  const outputs = toolOutputs(messages);
  const counts = [
    ...told.map((line) => ({ line, times: texts.filter((text) => text.includes(line)).length })),
    ...shown.map((line) => ({ line, times: outputs.filter((output) => output.includes(line)).length })),
  ];
  if (step === "completed") expect(counts).toEqual([...told, ...shown].map((line) => ({ line, times: 1 })));
  else expect(counts.filter(({ times }) => times > 1)).toEqual([]);
  const begun = messages.flatMap(({ body }) =>
    body.kind === "agent_update" && body.update["sessionUpdate"] === "tool_call" ? [body.update["toolCallId"]] : [],
  );
  expect(begun).toEqual([...new Set(begun)]);
}

/**
 * Nobody ever found another one at work, and no block that had ended was run again.
 * @param retries how often a block was tried again, as the conversation tells: a kill behind its end and before the agent's
 * note of it cannot be told from one in the middle of it.
 */
export function expectNeverTwoAtOnce(system: System, watch: AgentWatch, taskName = "task", retries = 0): void {
  expect(watch.sights).toEqual([]);
  expect(testimony(system, taskName)).not.toContain("not alone");
  expect(repeatedEnds(system, taskName).slice(retries)).toEqual([]);
}

/** @returns the last output of each tool call. */
export function toolOutputs(messages: readonly Message[]): readonly string[] {
  const outputs = new Map<string, string>();
  for (const { body } of messages) {
    if (body.kind !== "agent_update" || typeof body.update["toolCallId"] !== "string") continue;
    const { content, toolCallId } = body.update;
    if (content !== undefined) outputs.set(toolCallId, JSON.stringify(content));
  }
  return [...outputs.values()];
}
