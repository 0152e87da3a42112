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
  const { losses, keeps } = machineOutlook(task, node);
  const open = `Not proven, and not waited for: ${unproven.map((line) => receiptWords[line]).join(", ")}.`;
  return { canForce: true, unproven, losses: [...work, ...losses, open], keeps };
}

function machineOutlook(task: TaskView, node: NodeView | null): Pick<ForceOutlook, "losses" | "keeps"> {
  const loses = (...losses: string[]) => ({ losses, keeps: [] });
  if (task.nodeId === null) return loses("No machine is claimed.");
  if (node === null) return loses(`${task.nodeId} is given up; it does not say what it holds.`);
  const others = node.claims.filter((claim) => claim !== task.taskId);
  if (others.length > 0) {
    return loses(`${node.nodeId} takes no task any more, and is destroyed when ${others.join(", ")} have let go.`);
  }
  const heldForOthers = node.holds.filter(({ taskId }) => taskId !== task.taskId);
  if (heldForOthers.length > 0) {
    const what = heldForOthers.map((hold) => `${hold.what} of ${hold.taskId}`).join("; ");
    const kept = `${node.nodeId} takes no task any more, and is kept for what nobody else has: ${what}.`;
    return { losses: [], keeps: [kept] };
  }
  const saved = node.holds.filter(({ kind }) => kind === "saved_work");
  return loses(
    `${node.nodeId} (${node.machine.machineType}) is destroyed with its disk.`,
    ...saved.map(({ what }) => `Lost with it: what was saved of this task before (${what}), which nobody else has.`),
  );
}
