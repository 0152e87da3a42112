/** A push of the task's branch, and the proof of it: the remote itself lists the commit when it is asked afterwards. */
import type { PushedVerdict } from "@sam/domain/verdicts";

import { clipHead } from "../clipped-text.ts";
import { describeOutcome } from "../git/git-command.ts";
import { parsePush } from "../git/push-report.ts";
import { remoteGit } from "../git/remote-git.ts";
import { listRemote } from "../git/remote-listing.ts";
import { probeRemote } from "../git/remote-probe.ts";
import type { Remote } from "../git/remote.ts";
import { CommandFailure } from "../task/command-failure.ts";
import { vaultRequest, type Vault } from "../workspace/vault.ts";

const pushTimeoutMs = 10 * 60_000;
const proveTimeoutMs = 60_000;

export interface PushRequest {
  readonly vault: Vault;
  readonly remote: Remote;
  readonly commit: string;
  readonly branch: string;
}

/** Pushes without force. A ref that is at the commit already is fine. @throws CommandFailure `push_rejected` and others */
export async function pushBranch({ vault, remote, commit, branch }: PushRequest): Promise<void> {
  const args = ["push", "--porcelain", "--no-verify", "--", remote.address, `${commit}:refs/heads/${branch}`];
  const outcome = await remoteGit(remote, {
    ...vaultRequest(vault, { args, timeoutMs: pushTimeoutMs }),
    service: "git-receive-pack",
  });
  const report = parsePush(outcome.stdout.toString("utf8"));
  if (report !== null && report.flag === "!") {
    throw new CommandFailure("push_rejected", `${report.summary}\n${describeOutcome("git push", outcome)}`);
  }
  if (outcome.exitCode === 0 && report !== null) return;
  const probe = await probeRemote(remote, "git-receive-pack", vault.signal);
  const evidence = `${probe.evidence}\n${describeOutcome("git push", outcome)}`;
  if (probe.reason === "repository_auth_required") throw new CommandFailure("push_rejected", evidence);
  throw new CommandFailure("delivery_failed", evidence, { retryable: probe.retryable });
}

/** @throws CommandFailure `push_unproven` */
export async function provePush({ vault, remote, commit, branch }: PushRequest): Promise<PushedVerdict> {
  const ref = `refs/heads/${branch}`;
  const listing = await listRemote({
    remote,
    cwd: vault.folder,
    taskId: vault.taskId,
    signal: vault.signal,
    timeoutMs: proveTimeoutMs,
    patterns: [ref],
  });
  if ("failed" in listing) {
    const said = describeOutcome("git ls-remote", listing.failed);
    throw new CommandFailure("push_unproven", `the remote did not answer after the push\n${said}`, { retryable: true });
  }
  const listed = listing.refs.get(ref) ?? null;
  if (listed !== commit) {
    throw new CommandFailure(
      "push_unproven",
      `after the push the remote lists ${listed ?? "nothing"} as ${ref}, not ${commit}`,
    );
  }
  return {
    holds: true,
    ref: clipHead(ref, 512),
    commit,
    detail: "the remote listed it when it was asked after the push",
  };
}
