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
import { CommandFailure } from "../task/command-failure.ts";
import { DiskWatch } from "./disk-space.ts";
import { isTaskBranch } from "./mirror.ts";
import { removeByRenaming, removeFolder } from "./remove-folder.ts";

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
  readonly identity: GitIdentity;
  readonly signal: AbortSignal;
  readonly onProgress: () => void;
}

const timeoutMs = 30 * 60_000;

/** @throws CommandFailure `disk_full` or `workspace_failed` */
export async function checkOut(plan: CheckoutPlan): Promise<void> {
  const { layout, workspaceId, signal } = plan;
  const making = layout.unfinished(workspaceId);
  // A whole one that nobody was told of stands there, too, where the power was cut right after the last step.
  await removeByRenaming(layout.workspace(workspaceId), making);
  await removeFolder(layout.vault(workspaceId));
  mkdirSync(join(making, ".git"), { recursive: true });
  const refs = originRefs(plan.listing, plan.base);
  layOutWorkspace(plan, join(making, ".git"), refs);
  layOutVault(plan, refs);
  const watch = new DiskWatch([layout.workspaces]);
  const outcome = await git({
    args: ["-c", `checkout.workers=${availableParallelism()}`, "checkout", "--force", "--progress"],
    cwd: making,
    taskId: plan.taskId,
    signal,
    timeoutMs,
    onStderr: progressReader(1_000, plan.onProgress),
  }).finally(() => watch.stop());
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

/** What a clone would know of its origin, without the branches of other tasks. */
function originRefs(listing: RemoteListing, base: CheckoutPlan["base"]): Map<string, string> {
  const refs = [...listing.refs].filter(([name]) => !isTaskBranch(name) || name === `refs/heads/${base.branch}`);
  return new Map(refs.map(([name, id]) => [name.replace(/^refs\/heads\//, "refs/remotes/origin/"), id]));
}

function layOutWorkspace(plan: CheckoutPlan, folder: string, refs: ReadonlyMap<string, string>): void {
  const { layout, listing, identity, branch } = plan;
  const origin = listing.defaultBranch ?? plan.base.branch;
  layOutRepository({
    folder,
    head: `ref: refs/heads/${branch}`,
    config: {
      core: { repositoryformatversion: "0", filemode: "true", bare: "false", logallrefupdates: "true" },
      'remote "origin"': { url: plan.url, fetch: "+refs/heads/*:refs/remotes/origin/*" },
      user: { name: identity.name, email: identity.email },
    },
    alternates: [join(plan.mirror, "objects"), join(layout.vault(plan.workspaceId), "objects")],
    refs: new Map([...refs, [`refs/heads/${branch}`, plan.base.commit]]),
    files: refs.has(`refs/remotes/origin/${origin}`)
      ? { "refs/remotes/origin/HEAD": `ref: refs/remotes/origin/${origin}\n` }
      : {},
  });
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
