import { messageOf } from "../clipped-text.ts";
import { errnoOf } from "../errno.ts";
/** Saving what a workspace has and no remote: uncommitted changes and commits that were not pushed. */
import { GitFailed } from "../git/git-command.ts";
import { CommandFailure } from "../task/command-failure.ts";
import type { Job } from "../task/job.ts";
import { diskSpace, isFull } from "../workspace/disk-space.ts";
import { saveCommit } from "../workspace/saved-work.ts";
import { openVault, standingWorkspace, type StandingWorkspace } from "../workspace/task-vault.ts";
import { commitWork, findDifferences, type Difference } from "../workspace/uncommitted-work.ts";
import { readableCommits, takeOver, vaultText, type TakenOver, type Vault } from "../workspace/vault.ts";

export interface SavedWork {
  readonly ref: string | null;
  readonly proof: string;
}

/** An octopus of so many branches is enough for what an agent leaves behind. */
const maxParents = 32;

/** @throws CommandFailure where something is there and can't be saved; the workspace is then as it was. */
export async function saveWork(job: Job): Promise<SavedWork> {
  const { records, layout } = job.node;
  const facts = records.get(job.taskId);
  const workspace = standingWorkspace(job);
  if (facts.workspace === null) return nothing("this node has no workspace of the task");
  if (facts.workspace.base === null) return nothing("the checkout was never finished");
  if (workspace === null) return nothing("the workspace is no folder any more; nothing of it could be read");
  if (facts.agent === null) return nothing("no agent ever worked in the workspace");
  try {
    const vault = await openVault(job, workspace);
    return await saveFrom(job, vault, workspace);
  } catch (error) {
    job.signal.throwIfAborted();
    const place = [layout.vault(workspace.workspaceId), layout.mirrors].find((path) => isFull(diskSpace(path)));
    const isFullNow = errnoOf(error) === "ENOSPC" || (place !== undefined && error instanceof GitFailed);
    const evidence = `the work could not be saved, so the workspace was kept: ${messageOf(error)}`;
    throw new CommandFailure(isFullNow ? "disk_full" : "delivery_failed", evidence, { retryable: true });
  }
}

async function saveFrom(job: Job, vault: Vault, workspace: StandingWorkspace): Promise<SavedWork> {
  const { pushed } = job.node.records.get(job.taskId);
  const taken = await takeOver(vault);
  const differences = await findDifferences(vault, taken);
  const { tips, commits } = await unpushed(vault, taken, pushed?.commit ?? null);
  if (differences.length === 0 && commits === 0) {
    const where =
      taken.headCommit === pushed?.commit ? `was pushed as ${pushed.ref}` : "is in the repository that it came from";
    return nothing(`no file differs from ${taken.headCommit}, which ${where}`);
  }
  const commit = await oneCommit(job, vault, taken, { differences, tips });
  const ref = await saveCommit(vault, job.node.layout.mirror(workspace.repositoryUrl), commit);
  const what = `${differences.length} uncommitted files and ${commits} commits that were not pushed`;
  return { ref, proof: `${what} are saved on this node as ${ref} (${commit})` };
}

/** The tips that hold something no remote has, and how many commits that is. */
async function unpushed(
  vault: Vault,
  taken: TakenOver,
  pushed: string | null,
): Promise<{ tips: string[]; commits: number }> {
  const known = [vault.baseCommit, ...(pushed === null ? [] : [pushed])];
  const candidates = new Set([taken.headCommit, ...taken.refs.values()]);
  const tips = await readableCommits(
    vault,
    [...candidates].filter((id) => !known.includes(id)),
  );
  if (tips.length === 0) return { tips, commits: 0 };
  const count = await vaultText(vault, {
    args: ["rev-list", "--count", "--stdin", "--not", ...known, "--remotes"],
    input: lines(tips),
  });
  return { tips, commits: Number(count.trim()) };
}

/** One commit that everything hangs on. Saved again after a power cut it is the same one. */
async function oneCommit(
  job: Job,
  vault: Vault,
  taken: TakenOver,
  work: { readonly differences: readonly Difference[]; readonly tips: readonly string[] },
): Promise<string> {
  const parents = [...new Set([taken.headCommit, ...work.tips])].slice(0, maxParents);
  const message = `Work of ${job.taskId}, saved when its workspace was removed\n`;
  const commit = await commitWork(vault, {
    differences: work.differences,
    parents,
    message,
    at: job.command.receivedAt,
  });
  return commit ?? taken.headCommit;
}

function nothing(proof: string): SavedWork {
  return { ref: null, proof: `nothing to save: ${proof}` };
}

function lines(ids: readonly string[]): string {
  return ids.map((id) => `${id}\n`).join("");
}
