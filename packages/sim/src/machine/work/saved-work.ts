/** Simulated saved work: into the machine's mirror first, then to the remote, where it takes it; tried again by the real keeper. */
import type { WorkspaceId } from "@sam/domain/ids";
import { savedRefOf } from "@sam/domain/saved-work";

import { afterTry, type PushTry } from "../../../../../apps/vm-agent/src/saved/push-saved.ts";
import type { KeptWork } from "../../../../../apps/vm-agent/src/saved/saved-works.ts";
import type { SavedWorkHands } from "../../../../../apps/vm-agent/src/saved/work-keeper.ts";
import type { Job } from "../../../../../apps/vm-agent/src/task/job.ts";
import type { Machine } from "../machine.ts";
import { pause } from "./pause.ts";

/** @returns null: there is nothing to save. */
export async function saveWork(job: Job, machine: Machine, workspaceId: WorkspaceId): Promise<KeptWork | null> {
  const { node, taskId, signal } = job;
  const { agent, workspace, pushed } = node.records.get(taskId);
  const base = workspace?.base ?? null;
  if (agent === null || workspace === null || base === null) return null;
  const commit = machine.save(taskId, workspaceId);
  if (commit === null) return null;
  const files = commit.pieces.length;
  const report = {
    commit: commit.id,
    baseCommit: pushed?.commit ?? base.commit,
    ...{ files, insertions: files, deletions: 0, uncommittedFiles: files, unpushedCommits: 0, leftOut: [] },
    place: "mirror" as const,
    whyNotPushed: null,
  };
  const first = { isClean: true, isHeldBack: false, tries: 0, retryAt: null };
  const work = { report, repositoryUrl: workspace.repositoryUrl, agentId: agent.agentId, ...first };
  return await pushOnce({ node, taskId, work, signal }, machine);
}

export function handsOf(machine: Machine): SavedWorkHands {
  return {
    push: (request) => pushOnce(request, machine),
    forget: async ({ saved, state }, { taskId, commit }) => {
      const { remote, chance } = machine.ports;
      await pause(chance.below(1_000));
      if (remote.isAway) return { taskId, commit, remote: "failed", detail: "the remote could not be reached" };
      const ref = savedRefOf(taskId);
      const isListed = remote.refs.get(ref)?.id === commit;
      if (isListed) remote.refs.delete(ref);
      if (machine.disk.mirror.get(taskId)?.id === commit) machine.disk.mirror.delete(taskId);
      if (saved.get(taskId)?.report.commit === commit) await state.commit(() => saved.remove(taskId));
      return { taskId, commit, remote: isListed ? "removed" : "absent", detail: `${ref} is not there` };
    },
  };
}

async function pushOnce(request: PushTry, machine: Machine): Promise<KeptWork> {
  const { taskId, work, signal } = request;
  await pause(machine.ports.chance.below(1_500), signal);
  const why = machine.pushSaved(taskId, work.report.commit);
  return afterTry(request, { isClean: true, isHeldBack: false, why });
}
