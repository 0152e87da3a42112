/**
 * Simulated `tear_down` and `void_task`: end every process, save the work, remove the workspace; each with its proof, in
 * this order, and taken up again behind the last line that was proven.
 */
import type { ReceiptLine } from "@sam/domain/node-task";
import { savedRefOf } from "@sam/domain/saved-work";

import { CommandFailure } from "../../../../../apps/vm-agent/src/task/command-failure.ts";
import { finish, type BodyOf, type Job } from "../../../../../apps/vm-agent/src/task/job.ts";
import type { Machine } from "../machine.ts";
import { pause } from "./pause.ts";
import { saveWork } from "./saved-work.ts";

type TearDownJob = Job<BodyOf<"tear_down" | "void_task">>;

export async function tearDown(job: TearDownJob, machine: Machine): Promise<void> {
  const { node, taskId, command, body } = job;
  const lines = [...command.progress];
  const prove = async (line: ReceiptLine, proof: string, change: () => void = () => undefined) => {
    if (lines.includes(line)) return;
    lines.push(line);
    await node.state.commit(() => {
      change();
      node.outbox.append(taskId, { type: "receipt", line, proof });
      node.inbox.noteProgress(command.commandId, lines);
    });
  };
  await prove("signal_sent", "SIGTERM to all");
  await machine.endProcesses(taskId);
  if (machine.ports.gate.happens("workFails")) {
    throw new CommandFailure("delivery_failed", "processes remain; the workspace was kept", { retryable: true });
  }
  await prove("processes_gone", "none is left");
  await pause(machine.ports.chance.below(1_500));
  const workspaceId = node.records.get(taskId).workspace?.workspaceId ?? body.workspaceId;
  const heir = node.records.heirOf(taskId, body.workspaceId);
  if (!lines.includes("workspace_saved")) {
    const work = heir === null ? await saveWork(job, machine, workspaceId) : null;
    const keep = () => {
      if (work === null) return;
      node.records.update(taskId, { savedRef: savedRefOf(taskId) });
      node.saved.put(taskId, work);
    };
    await prove("workspace_saved", work === null ? "nothing was unpushed" : `saved as ${work.report.commit}`, keep);
  }
  if (heir === null) machine.disk.workspaces.delete(workspaceId);
  await prove("workspace_removed", `${workspaceId} is gone`);
  const { savedRef } = node.records.get(taskId);
  const saved = savedRef === null ? null : node.saved.get(taskId);
  const tornDown = { type: "torn_down", savedRef } as const;
  const over = () => node.records.update(taskId, { life: "over" });
  await finish(job, over, saved === null ? tornDown : { ...tornDown, savedWork: saved.report });
}
