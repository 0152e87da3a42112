/**
 * The work of a simulated node: what the real one does with processes, git and agents is done to the machine of the
 * simulator instead. What is stored and said of it, and in which order, is as the real one's.
 */
import type { NodeTaskEvent } from "@sam/domain/node-task";

import { runTurn } from "../../../../../apps/vm-agent/src/agent/run-turn.ts";
import type { InboxCommand } from "../../../../../apps/vm-agent/src/store/inbox.ts";
import { comeBack, failureEvent, type HeldAgent, type Work } from "../../../../../apps/vm-agent/src/task/carry-out.ts";
import { CommandFailure } from "../../../../../apps/vm-agent/src/task/command-failure.ts";
import type { Job, NodeContext } from "../../../../../apps/vm-agent/src/task/job.ts";
import type { Machine } from "../machine.ts";
import { createWorkspace } from "./create-workspace.ts";
import { deliver } from "./deliver.ts";
import { startAgent } from "./start-agent.ts";
import { tearDown } from "./tear-down.ts";

export function simulatedWork(node: NodeContext, machine: Machine): Work {
  return {
    carryOut: (command, signal, held) => carryOut(node, machine, command, signal, held),
    failureEvent: (type, error): NodeTaskEvent | null => failureEvent(type, error, "/"),
  };
}

async function carryOut(
  node: NodeContext,
  machine: Machine,
  command: InboxCommand,
  signal: AbortSignal,
  held: HeldAgent,
): Promise<void> {
  const { body, taskId } = command;
  const job: Omit<Job, "body"> = { node, taskId, command, signal };
  machine.ports.trace.note(() => `carries out ${body.type} (${command.commandId.slice(-12)})`);
  if (body.type !== "void_task") machine.ports.book.carriedOut(command, `${machine.nodeId} ${machine.boots}`);
  if (body.type === "create_workspace" && body.comesBack === true) await comeBack(node, taskId, signal.aborted);
  const isEnding = node.records.get(taskId).life !== "active";
  if (body.type === "tear_down" || body.type === "void_task") {
    held.agent()?.hush();
    await tearDown({ ...job, body }, machine);
    held.hold(null);
    return;
  }
  if (isEnding || signal.aborted) return;
  mayFail(machine, body.type);
  switch (body.type) {
    case "create_workspace":
      await createWorkspace({ ...job, body }, machine);
      return;
    case "start_agent":
      await startAgent({ ...job, body }, machine, held);
      return;
    case "prompt":
      await runTurn({ ...job, body }, held.agent());
      return;
    case "deliver":
      await deliver({ ...job, body }, machine, held);
      return;
    case "cancel_turn":
    case "answer":
  }
}

function mayFail({ ports }: Machine, type: InboxCommand["body"]["type"]): void {
  if (!ports.gate.happens("workFails")) return;
  const retryable = ports.chance.next() < 0.7;
  const reason = { create_workspace: "repository_unreachable", deliver: "push_rejected" } as const;
  const known = type === "create_workspace" || type === "deliver" ? reason[type] : "agent_start_failed";
  throw new CommandFailure(known, `${type} could not be done`, { retryable });
}
