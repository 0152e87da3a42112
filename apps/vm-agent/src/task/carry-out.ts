/** Which code carries out which command, and what is said where it fails. */
import type { FailureReason } from "@sam/domain/failure-reason";
import type { NodeTaskEvent } from "@sam/domain/node-task";

import type { TaskAgent } from "../agent/live-agent.ts";
import { runTurn } from "../agent/run-turn.ts";
import { startAgent } from "../agent/start-agent.ts";
import { clipTail, messageOf } from "../clipped-text.ts";
import { deliver } from "../delivery/deliver.ts";
import { errnoOf } from "../errno.ts";
import { defaultEnd, endProcesses } from "../process/end-processes.ts";
import type { InboxBody, InboxCommand } from "../store/inbox.ts";
import { isOver } from "../store/task-records.ts";
import { tearDown } from "../teardown/tear-down.ts";
import { createWorkspace } from "../workspace/create-workspace.ts";
import { spaceLeft } from "../workspace/disk-space.ts";
import { CommandFailure } from "./command-failure.ts";
import type { NodeContext } from "./job.ts";

/** The agent that a task holds, or none. */
export interface HeldAgent {
  agent(): TaskAgent | null;
  hold(agent: TaskAgent | null): void;
}

/** What a desk has done for it: with processes, git and agents on a node, with none of them in the simulator. */
export interface Work {
  /** Carries a command out to its end. @throws CommandFailure, or anything unforeseen */
  carryOut(command: InboxCommand, signal: AbortSignal, held: HeldAgent): Promise<void>;
  /** @returns the event that says why it failed, or null for what nobody asked about. */
  failureEvent(type: InboxBody["type"], error: unknown): NodeTaskEvent | null;
}

/** The work that is really done on a node. */
export function workOn(node: NodeContext): Work {
  return {
    carryOut: (command, signal, held) => carryOut(node, command, signal, held),
    failureEvent: (type, error) => failureEvent(type, error, node.layout.root),
  };
}

/** One for a task that is ending or over is ignored, unless it is to tear it down. */
async function carryOut(node: NodeContext, command: InboxCommand, signal: AbortSignal, held: HeldAgent): Promise<void> {
  const { body, taskId } = command;
  const job = { node, taskId, command, signal };
  if (body.type === "create_workspace" && body.comesBack === true) await comeBack(node, taskId, signal.aborted);
  const isEnding = node.records.get(taskId).life !== "active";
  const endAgent = () => endAgentOf(job, held);
  switch (body.type) {
    case "tear_down":
    case "void_task":
      held.agent()?.hush();
      await tearDown({ ...job, body });
      held.hold(null);
      return;
    case "create_workspace":
      if (!isEnding && !signal.aborted) await createWorkspace({ ...job, body });
      return;
    case "start_agent":
      if (!isEnding) await startAgent({ ...job, body }, { endAgent, hold: (agent) => held.hold(agent) });
      return;
    case "prompt":
      if (!isEnding) await runTurn({ ...job, body }, held.agent());
      return;
    case "deliver":
      if (!isEnding) await deliver({ ...job, body }, endAgent);
      return;
    case "cancel_turn":
    case "answer":
      // The desk does these past the queue.
      return;
  }
}

/**
 * A task that was torn down here is over for every other command; one that comes back begins from nothing. That it was void
 * between is over, too: what could not be torn down for that yet is its own again.
 * @param isGivenUp it is to be torn down already: only what is said of that is of this stay.
 */
export async function comeBack(
  { state, records, outbox, inbox }: Pick<NodeContext, "state" | "records" | "outbox" | "inbox">,
  taskId: InboxCommand["taskId"],
  isGivenUp: boolean,
): Promise<void> {
  const facts = records.get(taskId);
  if (facts.life === "active") return;
  await state.commit(() => {
    for (const { commandId, taskId: of, body } of inbox.unfinished()) {
      if (of === taskId && body.type === "void_task") inbox.finish(commandId);
    }
    if (isOver(facts) || facts.isVoid) outbox.restart(taskId);
    if (isOver(facts)) records.revive(taskId);
    // Its work could not be saved, so its workspace was kept: it goes on there.
    else records.update(taskId, { life: "active", isVoid: false });
    if (isGivenUp) records.update(taskId, { life: "ending" });
  });
}

/** Where an agent was ever started its processes are looked for, whoever started them. */
async function endAgentOf(job: { node: NodeContext; taskId: InboxCommand["taskId"] }, held: HeldAgent): Promise<void> {
  const { node, taskId } = job;
  const agent = held.agent();
  if (agent !== null) await agent.end();
  else if (node.records.get(taskId).agent !== null) {
    await endProcesses([taskId], { ...defaultEnd, graceMs: node.settings.timings.graceMs });
  }
  held.hold(null);
  await node.state.commit(() => {
    const facts = node.records.get(taskId).agent;
    if (facts !== null) node.records.update(taskId, { agent: { ...facts, state: "ended" } });
  });
}

const unforeseen: Readonly<Record<Exclude<InboxBody["type"], "void_task">, FailureReason>> = {
  create_workspace: "workspace_failed",
  start_agent: "agent_start_failed",
  prompt: "agent_exited",
  cancel_turn: "agent_exited",
  answer: "agent_exited",
  deliver: "delivery_failed",
  tear_down: "delivery_failed",
};

/** @param disk any folder of the node's disk. */
export function failureEvent(type: InboxBody["type"], error: unknown, disk: string): NodeTaskEvent | null {
  if (type === "void_task") return null;
  if (error instanceof CommandFailure) {
    const { reason, message: evidence, retryable, verdicts, heldBy } = error;
    const failed = { type: "command_failed", command: type, reason, evidence, retryable, verdicts } as const;
    return heldBy === null ? failed : { ...failed, heldBy };
  }
  const isDiskFull = errnoOf(error) === "ENOSPC";
  const reason = isDiskFull ? "disk_full" : unforeseen[type];
  const evidence = clipTail(isDiskFull ? `${spaceLeft(disk)}\n${messageOf(error)}` : messageOf(error), 4_000);
  return { type: "command_failed", command: type, reason, evidence, retryable: false, verdicts: null };
}
