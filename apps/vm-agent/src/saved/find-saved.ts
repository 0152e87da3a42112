/** Finding saved work again: in this node's mirror, else at the remote, under its own ref and as that very commit. */
import { savedRefOf, type SavedWorkRef } from "@sam/domain/saved-work";

import { describeOutcome, git } from "../git/git-command.ts";
import { remoteGit } from "../git/remote-git.ts";
import { listRemote } from "../git/remote-listing.ts";
import { CommandFailure } from "../task/command-failure.ts";
import { withMirrorLock } from "../workspace/mirror-lock.ts";
import type { MirrorRequest } from "../workspace/mirror.ts";
import { readState, type SavedState } from "../workspace/saved-state.ts";

export interface FoundWork {
  readonly commit: string;
  readonly state: SavedState;
}

const localTimeoutMs = 60_000;
const fetchTimeoutMs = 30 * 60_000;

/** @throws CommandFailure where it is at neither place: a task that goes on without it would look as if it had it. */
export async function findSavedWork(request: MirrorRequest, wanted: SavedWorkRef): Promise<FoundWork> {
  const { commit } = wanted;
  if (!(await isInMirror(request, wanted))) await fetchSaved(request, wanted);
  const { mirror, taskId, signal } = request;
  const state = await readState({ cwd: mirror, taskId, signal, timeoutMs: localTimeoutMs }, commit);
  return { commit, state };
}

/** @returns the newest commit that the saved work and the branch have in common; where they have none, the branch's own. */
export async function sharedBase(request: MirrorRequest, head: string, tip: string): Promise<string> {
  const { mirror: cwd, taskId, signal } = request;
  const outcome = await git({ args: ["merge-base", head, tip], cwd, taskId, signal, timeoutMs: localTimeoutMs });
  const [base = ""] = outcome.stdout.toString("utf8").split("\n");
  return outcome.exitCode === 0 && base !== "" ? base : tip;
}

/** Under its ref, and so with everything that it stands on. */
async function isInMirror({ mirror, taskId, signal }: MirrorRequest, wanted: SavedWorkRef): Promise<boolean> {
  const args = ["rev-parse", "--verify", "--quiet", savedRefOf(wanted.taskId)];
  const outcome = await git({ args, cwd: mirror, taskId, signal, timeoutMs: localTimeoutMs });
  return outcome.stdout.toString("utf8").trim() === wanted.commit;
}

async function fetchSaved(request: MirrorRequest, wanted: SavedWorkRef): Promise<void> {
  const { mirror, remote, taskId, signal } = request;
  const ref = savedRefOf(wanted.taskId);
  const listing = await listRemote({ ...request, patterns: [ref] });
  if ("failed" in listing) {
    const said = describeOutcome("git ls-remote", listing.failed);
    throw new CommandFailure("repository_unreachable", `the saved work could not be looked for\n${said}`, {
      retryable: true,
    });
  }
  const listed = listing.refs.get(ref);
  if (listed !== wanted.commit) {
    throw new CommandFailure(
      "workspace_failed",
      `the saved work ${wanted.commit} is not on this node, and the remote lists ${listed ?? "nothing"} as ${ref}. Discard it to go on without it.`,
    );
  }
  const outcome = await withMirrorLock(
    mirror,
    () => undefined,
    () =>
      remoteGit(remote, {
        service: "git-upload-pack",
        args: [
          ...["fetch", "--force", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance"],
          ...["--", remote.address, `+${ref}:${ref}`],
        ],
        cwd: mirror,
        taskId,
        signal,
        timeoutMs: fetchTimeoutMs,
      }),
  );
  if (outcome.exitCode === 0) return;
  const said = describeOutcome("git fetch", outcome);
  throw new CommandFailure("repository_unreachable", `the saved work could not be fetched\n${said}`, {
    retryable: true,
  });
}
