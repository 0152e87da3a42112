/** What would be lost if a cancel that can't be proven were ended by force: said by name, before anything is done. */
import { receiptWords } from "@sam/domain/receipt";
import type { NodeView } from "@sam/protocol/node-api";
import type { ForceOutlook, TaskView } from "@sam/protocol/task-api";

export function forceOutlook(task: TaskView, node: NodeView | null): ForceOutlook {
  const unproven = task.receiptLines.flatMap(({ line, state }) => (state === "proven" ? [] : [line]));
  if (!task.canForce) return { canForce: false, unproven, losses: [], keeps: [] };
  const work = unproven.includes("workspace_saved")
    ? ["Whatever is in its workspace and was neither pushed nor saved is lost."]
    : [];
  const keeps = node === null || task.nodeId === null ? [] : keptForOthers(task, node);
  const machine = keeps.length > 0 ? [] : machineLosses(task, node);
  const open = `Not proven, and not waited for: ${unproven.map((line) => receiptWords[line]).join(", ")}.`;
  return { canForce: true, unproven, losses: [...work, ...machine, open], keeps };
}

/** A machine that no other task claims, and that alone has the work of others. */
function keptForOthers({ taskId }: TaskView, { nodeId, claims, holds }: NodeView): string[] {
  const heldForOthers = holds.filter((hold) => hold.taskId !== taskId);
  if (heldForOthers.length === 0 || claims.some((claim) => claim !== taskId)) return [];
  const what = heldForOthers.map((hold) => `${hold.what} of ${hold.taskId}`).join("; ");
  return [`${nodeId} takes no task any more, and is kept for what nobody else has: ${what}.`];
}

function machineLosses(task: TaskView, node: NodeView | null): string[] {
  if (task.nodeId === null) return ["No machine is claimed."];
  if (node === null) return [`${task.nodeId} is given up; it does not say what it holds.`];
  const others = node.claims.filter((claim) => claim !== task.taskId);
  if (others.length > 0) {
    return [`${node.nodeId} takes no task any more, and is destroyed when ${others.join(", ")} have let go.`];
  }
  const saved = node.holds.filter(({ kind }) => kind === "saved_work");
  return [
    `${node.nodeId} (${node.machine.machineType}) is destroyed with its disk.`,
    ...saved.map(({ what }) => `Lost with it: what was saved of this task before (${what}), which nobody else has.`),
  ];
}
