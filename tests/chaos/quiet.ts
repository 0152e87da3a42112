/** When a system has come to rest: every task has ended and let go of all that it had, and nothing moves any more. */
import { isFinal } from "@sam/domain/task-lifecycle";
import type { TaskView } from "@sam/protocol/task-api";

import type { System } from "../system/support/system.ts";
import { until } from "../system/support/until.ts";
import { agentsOf } from "./agents.ts";
import { readTaskRows } from "./read-tasks.ts";

const lookMs = 500;

/** @returns in words why it is not at rest; null where it is. */
export async function unrest(system: System): Promise<string | null> {
  const rows = readTaskRows(system.dataDirectory);
  const open = rows.filter(({ step }) => !isFinal(step));
  if (open.length > 0) return `not ended: ${open.map(({ taskId, step }) => `${taskId} (${step})`).join(", ")}`;
  const agents = agentsOf(system.belongings.all());
  if (agents.length > 0) return `agents run: ${agents.map(({ pid }) => pid).join(", ")}`;
  const { nodes, unreachable } = await system.api.nodes();
  if (unreachable.length > 0)
    return `nodes that cannot be asked: ${unreachable.map(({ nodeId }) => nodeId).join(", ")}`;
  const claimed = nodes.filter(({ claims }) => claims.length > 0);
  if (claimed.length > 0)
    return `claimed: ${claimed.map(({ nodeId, claims }) => `${nodeId} by ${claims.join(", ")}`).join("; ")}`;
  const busy = nodes.filter(({ state }) => !["ready", "warm", "destroyed"].includes(state));
  if (busy.length > 0) return `nodes that move: ${busy.map(({ nodeId, state }) => `${nodeId} (${state})`).join(", ")}`;
  for (const { taskId } of rows) {
    const task = await system.api.task(taskId);
    if (owesSomething(task)) return `${taskId} has ended and still claims ${task.nodeId}`;
  }
  return null;
}

function owesSomething({ nodeId }: TaskView): boolean {
  return nodeId !== null;
}

/** @returns null once it is at rest; in words what still moved when the time was over. */
export async function waitForRest(system: System, timeoutMs: number): Promise<string | null> {
  let last = "nobody looked";
  const look = async () => {
    last = (await unrest(system)) ?? "";
    return last === "";
  };
  try {
    await until("the system is at rest", look, { timeoutMs, intervalMs: lookMs });
    return null;
  } catch (error) {
    return last === "" ? String(error) : last;
  }
}
