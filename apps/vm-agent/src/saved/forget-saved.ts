/**
 * Forgetting saved work: its ref goes from the remote and from the mirror, if and only if it still holds that very commit.
 * Which ref that is follows from the task's id alone.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { savedRefOf } from "@sam/domain/saved-work";
import { quoted } from "@sam/domain/visible-text";
import type { DownFrame } from "@sam/protocol/node-channel";
import { maxReasonLength, type ForgottenWork } from "@sam/protocol/saved-work";

import { clipHead, messageOf } from "../clipped-text.ts";
import { describeOutcome, git } from "../git/git-command.ts";
import { remoteGit } from "../git/remote-git.ts";
import { listRemote } from "../git/remote-listing.ts";
import { remoteOf } from "../git/remote.ts";
import type { NodeContext } from "../task/job.ts";

type Wanted = Extract<DownFrame, { type: "forget_saved_work" }>;
type AtRemote = Pick<ForgottenWork, "remote" | "detail">;

/** @throws the reason of `signal` where that is aborted */
export async function forgetSaved(node: NodeContext, wanted: Wanted, signal: AbortSignal): Promise<ForgottenWork> {
  const { taskId, commit } = wanted;
  const atRemote = await forgetAtRemote(node, wanted, signal).catch((error: unknown): AtRemote => {
    signal.throwIfAborted();
    return { remote: "failed", detail: clipHead(messageOf(error), maxReasonLength) };
  });
  // What the remote still has may be asked for again, and then the mirror has it at hand.
  if (atRemote.remote !== "failed") await forgetInMirror(node, wanted, signal);
  if (atRemote.remote !== "failed" && node.saved.get(taskId)?.report.commit === commit) {
    await node.state.commit(() => node.saved.remove(taskId));
  }
  return { taskId, commit, ...atRemote };
}

async function forgetAtRemote(node: NodeContext, wanted: Wanted, signal: AbortSignal): Promise<AtRemote> {
  const { taskId, commit, repositoryUrl } = wanted;
  const ref = savedRefOf(taskId);
  const remote = remoteOf(repositoryUrl, node.settings.relay);
  const request = { cwd: node.layout.mirrors, taskId, signal, timeoutMs: node.settings.timings.savePushMs };
  const listing = await listRemote({ ...request, remote, patterns: [ref] });
  if ("failed" in listing) {
    return {
      remote: "failed",
      detail: clipHead(quoted(describeOutcome("git ls-remote", listing.failed)), maxReasonLength),
    };
  }
  const listed = listing.refs.get(ref);
  if (listed !== commit) return { remote: "absent", detail: `the remote lists ${listed ?? "nothing"} as ${ref}` };
  const mirror = node.layout.mirror(repositoryUrl);
  const outcome = await remoteGit(remote, {
    ...request,
    service: "git-receive-pack",
    cwd: existsSync(join(mirror, "HEAD")) ? mirror : node.layout.mirrors,
    args: [
      "push",
      "--porcelain",
      "--no-verify",
      `--force-with-lease=${ref}:${commit}`,
      "--",
      remote.address,
      `:${ref}`,
    ],
  });
  if (outcome.exitCode === 0) return { remote: "removed", detail: `the remote removed ${ref}` };
  return { remote: "failed", detail: clipHead(quoted(describeOutcome("git push", outcome)), maxReasonLength) };
}

/** Nothing there, or another commit, is fine: then it is not what was to be forgotten. */
async function forgetInMirror(node: NodeContext, wanted: Wanted, signal: AbortSignal): Promise<void> {
  const { taskId, commit, repositoryUrl } = wanted;
  const mirror = node.layout.mirror(repositoryUrl);
  if (!existsSync(join(mirror, "HEAD"))) return;
  await git({
    args: ["update-ref", "-d", savedRefOf(taskId), commit],
    cwd: mirror,
    taskId,
    signal,
    timeoutMs: node.settings.timings.savePushMs,
  });
}
