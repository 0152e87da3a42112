/** Simulated `create_workspace`: accepted, brought up to date, ready; done twice, the second says again what stands. */
import { finish, saySoon, type BodyOf, type Job } from "../../../../../apps/vm-agent/src/task/job.ts";
import type { Machine } from "../machine.ts";
import { pause } from "./pause.ts";

type CreateJob = Job<BodyOf<"create_workspace">>;

export async function createWorkspace(job: CreateJob, machine: Machine): Promise<void> {
  const { node, taskId, body, command, signal } = job;
  const { chance, remote } = machine.ports;
  const { workspaceId, branch } = body;
  await node.state.commit(() => {
    const { workspace } = node.records.get(taskId);
    const base = workspace?.base ?? null;
    const broughtBack = null;
    const facts = { workspaceId, repositoryUrl: body.repository.url, branch, base, broughtBack };
    node.records.update(taskId, { workspace: facts });
    if (!command.progress.includes("accepted")) node.outbox.append(taskId, { type: "workspace_accepted" });
    node.inbox.noteProgress(command.commandId, ["accepted"]);
  });
  const standing = machine.disk.workspaces.get(workspaceId);
  if (standing === undefined) {
    for (let bytes = chance.below(3); bytes > 0; bytes -= 1) {
      await pause(500 + chance.below(4_000), signal);
      saySoon(job, { type: "workspace_progress", phase: "mirror", bytes: bytes * 1_000 });
    }
    await pause(chance.below(2_000), signal);
    signal.throwIfAborted();
    const base = remote.refs.get(`refs/heads/${body.repository.branch ?? "main"}`)?.pieces ?? [];
    const none = { uncommitted: [], committed: [], head: null };
    machine.disk.workspaces.set(workspaceId, { workspaceId, taskId, branch, base, ...none });
  } else {
    standing.taskId = taskId;
  }
  const base = { commit: "ba5e", branch: "main" };
  const change = () => {
    const { workspace } = node.records.get(taskId);
    if (workspace !== null) node.records.update(taskId, { workspace: { ...workspace, base } });
  };
  const path = `/workspaces/${workspaceId}`;
  await finish(
    job,
    change,
    { type: "workspace_progress", phase: "ready", bytes: null },
    { type: "workspace_ready", baseCommit: base.commit, baseBranch: base.branch, path },
  );
}
