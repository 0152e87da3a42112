/**
 * A checkout is a workspace in the making: a repository of its own that borrows the mirror's objects, on the task's
 * branch. Not a git worktree: worktrees share refs, configuration and hooks with one another, so that a branch made in
 * one is seen in all. It appears under its name in one step, when it is whole.
 */
import { mkdirSync, renameSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

import type { TaskId, WorkspaceId } from "@sam/domain/ids";

import type { DiskLayout } from "../boot/disk-layout.ts";
import { describeOutcome, git } from "../git/git-command.ts";
import type { GitIdentity } from "../git/git-identity.ts";
import { progressReader } from "../git/git-progress.ts";
import type { RemoteListing } from "../git/remote-listing.ts";
import { layOutRepository } from "../git/repository-layout.ts";
import type { CommandOutcome } from "../process/run-command.ts";
import { CommandFailure } from "../task/command-failure.ts";
import { DiskWatch } from "./disk-space.ts";
import { isTaskBranch } from "./mirror.ts";
import { removeByRenaming, removeFolder } from "./remove-folder.ts";
import { stashRef, type SavedState } from "./saved-state.ts";

export interface CheckoutPlan {
  readonly layout: DiskLayout;
  readonly taskId: TaskId;
  readonly workspaceId: WorkspaceId;
  readonly url: string;
  readonly mirror: string;
  /** The mirror's refs as they are now. */
  readonly listing: RemoteListing;
  readonly base: { readonly commit: string; readonly branch: string };
  /** The task's own branch. */
  readonly branch: string;
  /** What was saved of an earlier workspace, and is to stand in this one; null: it begins at its base. */
  readonly work: { readonly commit: string; readonly state: SavedState } | null;
  readonly identity: GitIdentity;
  readonly signal: AbortSignal;
  readonly onProgress: () => void;
}

const timeoutMs = 30 * 60_000;

/** @throws CommandFailure `disk_full` or `workspace_failed` */
export async function checkOut(plan: CheckoutPlan): Promise<void> {
  const { layout, workspaceId } = plan;
  const making = layout.unfinished(workspaceId);
  // A whole one that nobody was told of stands there, too, where the power was cut right after the last step.
  await removeByRenaming(layout.workspace(workspaceId), making);
  await removeFolder(layout.vault(workspaceId));
  mkdirSync(join(making, ".git"), { recursive: true });
  const refs = originRefs(plan.listing, plan.base);
  layOutWorkspace(plan, join(making, ".git"), refs);
  layOutVault(plan, refs);
  const watch = new DiskWatch([layout.workspaces]);
  const outcome = await fillWorkspace(plan, making).finally(() => watch.stop());
  const full = watch.stop();
  if (outcome.exitCode !== 0) {
    const said = describeOutcome("git checkout", outcome);
    await removeFolder(making);
    throw full === null
      ? new CommandFailure("workspace_failed", said, { retryable: true })
      : new CommandFailure("disk_full", `${full}\n${said}`);
  }
  renameSync(making, layout.workspace(workspaceId));
}

/**
 * Checks HEAD out, and puts the files of the saved work on top: what was not committed stands there uncommitted again.
 * @returns the outcome of the last command, which is the first that failed.
 */
async function fillWorkspace(plan: CheckoutPlan, making: string): Promise<CommandOutcome> {
  const { work, taskId, signal } = plan;
  const run = (...args: readonly string[]) =>
    git({ args, cwd: making, taskId, signal, timeoutMs, onStderr: progressReader(1_000, plan.onProgress) });
  const checkedOut = await run("-c", `checkout.workers=${availableParallelism()}`, "checkout", "--force", "--progress");
  if (checkedOut.exitCode !== 0 || work === null) return checkedOut;
  const filled = await run("read-tree", "-m", "-u", "HEAD", work.commit);
  return filled.exitCode === 0 ? await run("reset", "--quiet", "--mixed") : filled;
}

/** What a clone would know of its origin, without the branches of other tasks. */
function originRefs(listing: RemoteListing, base: CheckoutPlan["base"]): Map<string, string> {
  const refs = [...listing.refs].filter(([name]) => !isTaskBranch(name) || name === `refs/heads/${base.branch}`);
  return new Map(refs.map(([name, id]) => [name.replace(/^refs\/heads\//, "refs/remotes/origin/"), id]));
}

function layOutWorkspace(plan: CheckoutPlan, folder: string, refs: ReadonlyMap<string, string>): void {
  const { layout, listing, identity, branch, work } = plan;
  const origin = listing.defaultBranch ?? plan.base.branch;
  const own = `refs/heads/${branch}`;
  const state = work?.state ?? { head: plan.base.commit, headRef: own, branches: new Map(), stashes: [] };
  const { head, headRef, branches, stashes } = state;
  const branchRefs = new Map([[own, head], ...branches, ...(headRef === null ? [] : [[headRef, head] as const])]);
  layOutRepository({
    folder,
    head: headRef === null ? head : `ref: ${headRef}`,
    config: {
      core: { repositoryformatversion: "0", filemode: "true", bare: "false", logallrefupdates: "true" },
      'remote "origin"': { url: plan.url, fetch: "+refs/heads/*:refs/remotes/origin/*" },
      user: { name: identity.name, email: identity.email },
    },
    alternates: [join(plan.mirror, "objects"), join(layout.vault(plan.workspaceId), "objects")],
    refs: new Map([...refs, ...branchRefs]),
    files: {
      ...(refs.has(`refs/remotes/origin/${origin}`)
        ? { "refs/remotes/origin/HEAD": `ref: refs/remotes/origin/${origin}\n` }
        : {}),
      ...stashFiles(stashes, identity),
    },
  });
}

/** git knows the newest stash by its ref, and the others by the log of that. */
function stashFiles(stashes: readonly string[], { name, email }: GitIdentity): Record<string, string> {
  const newest = stashes.at(-1);
  if (newest === undefined) return {};
  // git passes over an entry without a time.
  const now = Math.floor(Date.now() / 1000);
  const lines = stashes.map((id, index) => {
    const before = stashes[index - 1] ?? "0".repeat(id.length);
    return `${before} ${id} ${name} <${email}> ${now} +0000\tbrought back\n`;
  });
  return { [stashRef]: `${newest}\n`, [`logs/${stashRef}`]: lines.join("") };
}

/** See vault.ts for what it is for. */
function layOutVault(plan: CheckoutPlan, refs: ReadonlyMap<string, string>): void {
  const { layout, workspaceId } = plan;
  layOutRepository({
    folder: layout.vault(workspaceId),
    head: plan.base.commit,
    config: {
      core: { repositoryformatversion: "0", filemode: "true", bare: "false", hooksPath: "/dev/null" },
      gc: { auto: "0" },
    },
    alternates: [join(plan.mirror, "objects"), join(layout.workspace(workspaceId), ".git/objects")],
    refs,
  });
}
