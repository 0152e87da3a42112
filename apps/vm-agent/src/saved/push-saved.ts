/**
 * Pushing saved work from the mirror to its ref at the remote, once it was looked through for secrets as a delivery is. It
 * takes a bounded time and throws nothing of its own: work that can't be pushed stays in the mirror, with the reason.
 */
import type { TaskId } from "@sam/domain/ids";
import { savedRefOf } from "@sam/domain/saved-work";
import { quoted } from "@sam/domain/visible-text";
import { maxReasonLength } from "@sam/protocol/saved-work";

import { clipHead, messageOf } from "../clipped-text.ts";
import { findSecrets } from "../delivery/secret-scan.ts";
import { describeOutcome, git } from "../git/git-command.ts";
import { parsePush } from "../git/push-report.ts";
import { remoteGit } from "../git/remote-git.ts";
import { listRemote } from "../git/remote-listing.ts";
import { remoteOf, type Remote } from "../git/remote.ts";
import type { Secret } from "../secret/secret-mask.ts";
import type { NodeContext } from "../task/job.ts";
import type { KeptWork } from "./saved-works.ts";

export interface PushTry {
  readonly node: NodeContext;
  readonly taskId: TaskId;
  readonly work: KeptWork;
  /** Ends the try from outside. */
  readonly signal: AbortSignal;
}

/** What a try came to; `why` the remote does not have it, null where it has. */
export type Tried = Pick<KeptWork, "isClean" | "isHeldBack"> & { readonly why: string | null };

/** @returns the work as it is known now. @throws the reason of `signal` where that is aborted, and nothing else. */
export async function pushSaved(request: PushTry): Promise<KeptWork> {
  const { node, work, signal } = request;
  const { savePushMs } = node.settings.timings;
  const deadline = AbortSignal.timeout(savePushMs);
  const tried = await attempt({ ...request, signal: AbortSignal.any([signal, deadline]) }).catch(
    (error: unknown): Tried => {
      signal.throwIfAborted();
      const said = deadline.aborted ? `it took longer than ${savePushMs / 1000} s` : messageOf(error);
      return { isClean: work.isClean, isHeldBack: false, why: said };
    },
  );
  return afterTry(request, tried);
}

/** @returns the work as it is known after a try, and when the next one is due. */
export function afterTry({ node, taskId, work }: PushTry, { isClean, isHeldBack, why }: Tried): KeptWork {
  const { saveRetryMs } = node.settings.timings;
  const tries = work.tries + 1;
  const whyNotPushed = why === null ? null : clipHead(node.secrets.mask(taskId).mask(why), maxReasonLength);
  return {
    ...work,
    isClean,
    isHeldBack,
    tries,
    report: { ...work.report, place: why === null ? "remote" : "mirror", whyNotPushed },
    retryAt: why === null || isHeldBack ? null : Date.now() + Math.min(saveRetryMs * 2 ** (tries - 1), maxRetryMs),
  };
}

const maxRetryMs = 60 * 60_000;

async function attempt(request: PushTry): Promise<Tried> {
  const { node, work } = request;
  if (!work.isClean) {
    const found = await lookThrough(request);
    if (found !== null) return { isClean: false, isHeldBack: true, why: found };
  }
  const remote = remoteOf(work.repositoryUrl, node.settings.relay);
  const why = (await push(request, remote)) ?? (await prove(request, remote));
  return { isClean: true, isHeldBack: false, why };
}

/** @returns what was found; null: nothing. @throws where it can't be looked through. */
async function lookThrough(request: PushTry): Promise<string | null> {
  const { taskId, work, signal, node } = request;
  const secrets = await secretsFor(request);
  const { commit, baseCommit } = work.report;
  const mirror = node.layout.mirror(work.repositoryUrl);
  const found = await findSecrets(
    {
      git: (more) => git({ cwd: mirror, taskId, signal, timeoutMs: node.settings.timings.savePushMs, ...more }),
      known: [baseCommit, "--branches", "--tags"],
    },
    commit,
    secrets,
  );
  if (found.length === 0) return null;
  const places = found.map(({ place, name }) => `${quoted(place, 200)} holds the value of the secret ${name}`);
  return `${places.join("; ")}, so it is never pushed`;
}

async function secretsFor({ node, taskId, work }: PushTry): Promise<readonly Secret[]> {
  if (!node.secrets.has(taskId)) {
    try {
      node.secrets.learn(taskId, await node.grants.want(taskId, work.agentId, "save"));
    } catch (error) {
      throw new Error(`it could not be looked through for secrets: ${messageOf(error)}`, { cause: error });
    }
  }
  return node.secrets.granted(taskId);
}

/** With force: the ref is this task's alone, and what it held before is part of what it holds now. */
async function push({ node, taskId, work, signal }: PushTry, remote: Remote): Promise<string | null> {
  const outcome = await remoteGit(remote, {
    service: "git-receive-pack",
    args: [
      ...["push", "--porcelain", "--no-verify", "--force", "--", remote.address],
      `${work.report.commit}:${savedRefOf(taskId)}`,
    ],
    cwd: node.layout.mirror(work.repositoryUrl),
    taskId,
    signal,
    timeoutMs: node.settings.timings.savePushMs,
  });
  const report = parsePush(outcome.stdout.toString("utf8"));
  if (report !== null && report.flag === "!") {
    return `the remote refused ${savedRefOf(taskId)}: ${quoted(report.summary, 300)}`;
  }
  return outcome.exitCode === 0 && report !== null
    ? null
    : `the remote could not be reached: ${quoted(describeOutcome("git push", outcome), 600)}`;
}

async function prove({ node, taskId, work, signal }: PushTry, remote: Remote): Promise<string | null> {
  const ref = savedRefOf(taskId);
  const listing = await listRemote({
    remote,
    cwd: node.layout.mirror(work.repositoryUrl),
    taskId,
    signal,
    timeoutMs: node.settings.timings.savePushMs,
    patterns: [ref],
  });
  if ("failed" in listing) return "after the push the remote did not say what it has";
  const listed = listing.refs.get(ref) ?? null;
  return listed === work.report.commit ? null : `after the push the remote lists ${listed ?? "nothing"} as ${ref}`;
}
