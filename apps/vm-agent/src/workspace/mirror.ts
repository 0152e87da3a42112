/**
 * A mirror is the one bare copy of a repository on this node. Workspaces borrow its objects and nothing else, so it is
 * never repacked or pruned of objects. Its `refs/sam/wip/*` hold work that was saved at a tear-down.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { describeOutcome, gitText } from "../git/git-command.ts";
import { progressReader, type GitProgress } from "../git/git-progress.ts";
import { remoteGit } from "../git/remote-git.ts";
import { parseListing, type ListingRequest, type RemoteListing } from "../git/remote-listing.ts";
import { probeRemote } from "../git/remote-probe.ts";
import { layOutRepository } from "../git/repository-layout.ts";
import { CommandFailure } from "../task/command-failure.ts";
import { DiskWatch } from "./disk-space.ts";

export interface MirrorRequest extends ListingRequest {
  /** Git directory of the mirror. */
  readonly mirror: string;
}

const localTimeoutMs = 60_000;
const fetchTimeoutMs = 30 * 60_000;

/** Branches and tags of the mirror; of one that isn't there yet, none. */
export async function mirrorListing(request: Omit<MirrorRequest, "remote">): Promise<RemoteListing> {
  const { mirror, taskId, signal } = request;
  if (!existsSync(join(mirror, "HEAD"))) return parseListing("");
  const args = ["for-each-ref", "--format=%(objectname)%09%(refname)", "refs/heads", "refs/tags"];
  return parseListing(await gitText({ args, cwd: mirror, taskId, signal, timeoutMs: localTimeoutMs }));
}

/**
 * @returns whether the mirror lacks something of the remote that a fresh clone would have. Branches of other tasks are no
 * concern of a new one: fetching each would cost every task the time of the last one's push.
 */
export function isBehind(mirror: RemoteListing, remote: RemoteListing, startBranch: string): boolean {
  return [...remote.refs].some(
    ([name, id]) => mirror.refs.get(name) !== id && (!isTaskBranch(name) || name === `refs/heads/${startBranch}`),
  );
}

/** Whether a ref is a branch that a task pushed. */
export function isTaskBranch(refName: string): boolean {
  return refName.startsWith("refs/heads/sam/");
}

/** Fetches all branches and tags, making the mirror first where it isn't there. One at a time per mirror. */
export async function fetchMirror(request: MirrorRequest, onProgress: (progress: GitProgress) => void): Promise<void> {
  const { mirror, remote, taskId, signal } = request;
  if (!existsSync(join(mirror, "HEAD"))) layOutMirror(mirror);
  const watch = new DiskWatch([mirror]);
  const outcome = await remoteGit(remote, {
    service: "git-upload-pack",
    args: [
      ...["fetch", "--progress", "--prune", "--force", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance"],
      ...["--", remote.address, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"],
    ],
    cwd: mirror,
    taskId,
    signal,
    timeoutMs: fetchTimeoutMs,
    onStderr: progressReader(250, onProgress),
  }).finally(() => watch.stop());
  const full = watch.stop();
  if (outcome.exitCode === 0) return;
  removeScraps(mirror);
  const said = describeOutcome("git fetch", outcome);
  if (full !== null) throw new CommandFailure("disk_full", `${full}\n${said}`);
  const probe = await probeRemote(remote, "git-upload-pack", signal);
  throw new CommandFailure(probe.reason, `${probe.evidence}\n${said}`, { retryable: probe.retryable });
}

/** In one step: a mirror that a power cut left half-made is never taken for one. */
function layOutMirror(mirror: string): void {
  const making = `${mirror}.new`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  layOutRepository({
    folder: making,
    head: "ref: refs/heads/main",
    config: {
      core: { repositoryformatversion: "0", filemode: "true", bare: "true", hooksPath: "/dev/null" },
      gc: { auto: "0" },
      receive: { autogc: "false" },
      maintenance: { auto: "false" },
    },
    alternates: [],
    refs: new Map(),
  });
  rmSync(mirror, { recursive: true, force: true });
  renameSync(making, mirror);
}

/** What a fetch that was cut off leaves lying about. Only while nothing is fetched into this mirror. */
export function removeScraps(mirror: string): void {
  const packs = join(mirror, "objects/pack");
  if (!existsSync(packs)) return;
  for (const name of readdirSync(packs)) {
    if (name.startsWith("tmp_")) rmSync(join(packs, name), { force: true });
  }
}
