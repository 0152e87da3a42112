/** The vault of a task's workspace, opened for a job. */
import { gitIdentity } from "../git/git-identity.ts";
import type { TaskFacts } from "../store/task-records.ts";
import type { Job } from "../task/job.ts";
import { isRealFolder } from "./untrusted-git-dir.ts";
import type { Vault } from "./vault.ts";

type Workspace = NonNullable<TaskFacts["workspace"]>;

/** A workspace that was handed out. */
export type StandingWorkspace = Workspace & { readonly base: NonNullable<Workspace["base"]> };

/** @returns the task's workspace where its checkout was ready and its folder is there; else null. */
export function standingWorkspace(job: Job): StandingWorkspace | null {
  const { workspace } = job.node.records.get(job.taskId);
  if (workspace === null || workspace.base === null) return null;
  return isRealFolder(job.node.layout.workspace(workspace.workspaceId)) ? { ...workspace, base: workspace.base } : null;
}

export async function openVault(job: Job, workspace: StandingWorkspace): Promise<Vault> {
  const { layout } = job.node;
  return {
    folder: layout.vault(workspace.workspaceId),
    workspace: layout.workspace(workspace.workspaceId),
    taskId: job.taskId,
    baseCommit: workspace.base.commit,
    identity: await gitIdentity(job.taskId),
    signal: job.signal,
  };
}
