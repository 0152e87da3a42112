/**
 * An interrupted agent is one that ended together with its VM agent. It is reported once per incarnation, when it is
 * first known; the turn that it was in is not told again, since nobody knows how far it came. A start that was under way
 * is no end: it is done again.
 */
import type { TaskId } from "@sam/domain/ids";

import type { NodeContext } from "../task/job.ts";

type Stores = Pick<NodeContext, "records" | "outbox" | "inbox">;

/** Only within a change of the state database. */
export function reportInterrupted(node: Stores, taskId: TaskId, signal: "power_cut" | "node_stopped"): void {
  const { agent } = node.records.get(taskId);
  if (agent !== null && (agent.state === "ready" || agent.state === "in_turn")) {
    const { incarnation } = agent;
    node.records.update(taskId, { agent: { ...agent, state: "ended" } });
    node.outbox.append(taskId, { type: "agent_gone", incarnation, exitCode: null, signal, outputTail: "" });
  }
  for (const command of node.inbox.unfinished()) {
    if (command.taskId === taskId && command.body.type === "prompt" && command.state === "running") {
      node.inbox.finish(command.commandId);
    }
  }
}
