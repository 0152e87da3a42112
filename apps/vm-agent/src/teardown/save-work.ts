/**
 * Saving what a workspace has and no remote: files that are not committed, commits on any branch that were not pushed, and
 * stashes. First into the mirror, which only needs this node's disk; then, where it can be reached, to the remote.
 */
import { savedRefOf, describeSavedWork } from "@sam/domain/saved-work";
import { quoted } from "@sam/domain/visible-text";
import { maxLeftOut, maxLeftOutLength } from "@sam/protocol/saved-work";

import { clipHead, messageOf } from "../clipped-text.ts";
import { measureProduced } from "../delivery/produced.ts";
import { errnoOf } from "../errno.ts";
import { GitFailed } from "../git/git-command.ts";
import { pushSaved } from "../saved/push-saved.ts";
import type { KeptWork } from "../saved/saved-works.ts";
import { CommandFailure } from "../task/command-failure.ts";
import type { Job } from "../task/job.ts";
import { diskSpace, isFull } from "../workspace/disk-space.ts";
import { isSavable, messageOfState } from "../workspace/saved-state.ts";
import { saveCommit } from "../workspace/saved-work.ts";
import { openVault, standingWorkspace, type StandingWorkspace } from "../workspace/task-vault.ts";
import { commitState, findAllWork, type Difference } from "../workspace/uncommitted-work.ts";
import { readableCommits, takeOver, vaultText, type TakenOver, type Vault } from "../workspace/vault.ts";

export interface Saved {
  /** Null: there was nothing to save. */
  readonly work: KeptWork | null;
  readonly proof: string;
}

/** One commit may have so many parents; whoever leaves more branches than that behind is told that the teardown is refused. */
const maxParents = 1_000;

/** @throws CommandFailure where something is there and can't be saved; the workspace is then as it was. */
export async function saveWork(job: Job): Promise<Saved> {
  const { records, layout } = job.node;
  const facts = records.get(job.taskId);
  const workspace = standingWorkspace(job);
  if (facts.workspace === null) return nothing("this node has no workspace of the task");
  if (facts.workspace.base === null) return nothing("the checkout was never finished");
  if (workspace === null) return nothing("the workspace is no folder any more; nothing of it could be read");
  if (facts.agent === null) return nothing("no agent ever worked in the workspace");
  try {
    const vault = await openVault(job, workspace);
    return await saveFrom(job, vault, workspace, facts.agent.agentId);
  } catch (error) {
    job.signal.throwIfAborted();
    const place = [layout.vault(workspace.workspaceId), layout.mirrors].find((path) => isFull(diskSpace(path)));
    const isFullNow = errnoOf(error) === "ENOSPC" || (place !== undefined && error instanceof GitFailed);
    const evidence = `the work could not be saved, so the workspace was kept: ${messageOf(error)}`;
    throw new CommandFailure(isFullNow ? "disk_full" : "delivery_failed", evidence, { retryable: true });
  }
}

async function saveFrom(job: Job, vault: Vault, workspace: StandingWorkspace, agentId: string): Promise<Saved> {
  const { pushed } = job.node.records.get(job.taskId);
  const taken = await takeOver(vault);
  const { differences, nested } = await findAllWork(vault, taken);
  const leftOut = nested.map((path) => clipHead(path.toString("utf8"), maxLeftOutLength));
  const { tips, commits } = await unpushed(vault, taken, pushed?.commit ?? null);
  if (differences.length === 0 && commits === 0) {
    const where =
      taken.headCommit === pushed?.commit ? `was pushed as ${pushed.ref}` : "is in the repository that it came from";
    return nothing(`no file differs from ${taken.headCommit}, which ${where}${nameLeftOut(leftOut)}`);
  }
  const commit = await oneCommit(job, vault, taken, { differences, tips });
  await saveCommit(vault, job.node.layout.mirror(workspace.repositoryUrl), commit);
  const baseCommit = pushed?.commit ?? vault.baseCommit;
  const { files, insertions, deletions } = await measureProduced({ ...vault, baseCommit }, commit);
  const counts = { uncommittedFiles: differences.length, unpushedCommits: commits };
  const sums = { commit, baseCommit, files, insertions, deletions, ...counts };
  const report = { ...sums, leftOut: leftOut.slice(0, maxLeftOut), place: "mirror" as const, whyNotPushed: null };
  const first = { isClean: false, isHeldBack: false, tries: 0, retryAt: null };
  const { signal, node, taskId } = job;
  const work = { report, repositoryUrl: workspace.repositoryUrl, agentId, ...first };
  const tried = await pushSaved({ node, taskId, signal, work });
  return { work: tried, proof: `${proofOf(job, tried)}${nameLeftOut(leftOut)}` };
}

function proofOf({ taskId }: Job, { report }: KeptWork): string {
  const ref = savedRefOf(taskId);
  const where =
    report.place === "remote"
      ? `at the remote, which lists it as ${ref}`
      : `on this node alone, as ${ref}, since ${report.whyNotPushed ?? "it was not pushed"}`;
  return `${describeSavedWork(report)}: saved ${where} (${report.commit})`;
}

/** What git keeps apart: a repository inside of the repository is nobody's but its own. */
function nameLeftOut(paths: readonly string[]): string {
  if (paths.length === 0) return "";
  const names = paths.slice(0, maxLeftOut).map((path) => quoted(path, maxLeftOutLength));
  const more = paths.length > maxLeftOut ? ` and ${paths.length - maxLeftOut} more` : "";
  return `; not saved, since they are repositories of their own: ${names.join(", ")}${more}`;
}

/** The tips that hold something no remote has, and how many commits that is. */
async function unpushed(
  vault: Vault,
  taken: TakenOver,
  pushed: string | null,
): Promise<{ tips: string[]; commits: number }> {
  const known = [vault.baseCommit, ...(pushed === null ? [] : [pushed])];
  const candidates = new Set([taken.headCommit, ...taken.refs.values(), ...taken.stashes]);
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
  const parents = [...new Set([taken.headCommit, ...work.tips])];
  if (parents.length > maxParents) throw new Error(`${parents.length} branches and stashes are more than SAM can save`);
  const { headRef } = taken;
  const message = messageOfState(job.taskId, {
    headRef: headRef !== null && isSavable(headRef) ? headRef : null,
    branches: new Map([...taken.refs].filter(([name, id]) => isSavable(name) && parents.includes(id))),
    stashes: taken.stashes.filter((id) => parents.includes(id)),
  });
  return await commitState(vault, {
    differences: work.differences,
    parents,
    message,
    at: job.command.receivedAt,
  });
}

function nothing(proof: string): Saved {
  return { work: null, proof: `nothing to save: ${proof}` };
}

function lines(ids: readonly string[]): string {
  return ids.map((id) => `${id}\n`).join("");
}
