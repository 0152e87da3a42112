/** Carrying out `create_workspace`: what the remote has now, into the mirror, out into a workspace on the task's branch. */
import { existsSync } from "node:fs";

import type { SavedWorkRef } from "@sam/domain/saved-work";

import { installedAgent } from "../agent/agent-install.ts";
import { knownAgent } from "../agent/agent-table.ts";
import { isBranchName } from "../git/branch-name.ts";
import { describeOutcome } from "../git/git-command.ts";
import { gitIdentity } from "../git/git-identity.ts";
import { listRemote, type RemoteListing } from "../git/remote-listing.ts";
import { probeRemote } from "../git/remote-probe.ts";
import { remoteOf, UnusableAddress, type Remote } from "../git/remote.ts";
import { findSavedWork, sharedBase } from "../saved/find-saved.ts";
import { savedMeanwhile } from "../saved/saved-meanwhile.ts";
import { CommandFailure } from "../task/command-failure.ts";
import { finish, saySoon, type BodyOf, type Job } from "../task/job.ts";
import { sideBySide } from "../task/side-by-side.ts";
import { checkOut } from "./checkout.ts";
import { spaceLeft } from "./disk-space.ts";
import { withMirrorLock } from "./mirror-lock.ts";
import { fetchMirror, isBehind, mirrorListing, type MirrorRequest } from "./mirror.ts";

type CreateJob = Job<BodyOf<"create_workspace">>;

const listTimeoutMs = 60_000;

/** Ends with `workspace_ready`; done twice, the second only says again what stands. @throws CommandFailure */
export async function createWorkspace(job: CreateJob): Promise<void> {
  const { node, taskId, body } = job;
  await accept(job);
  if (!isBranchName(body.branch)) throw new CommandFailure("workspace_failed", "the task's branch is no branch name");
  const standing = node.records.get(taskId).workspace;
  if (standing !== null && standing.base !== null && existsSync(node.layout.workspace(body.workspaceId))) {
    await ready(job, standing.base, standing.broughtBack);
    return;
  }
  await requireNothingUnsaved(job);
  const { base, broughtBack } = await sideBySide(
    job.signal,
    (signal) => makeCheckout({ ...job, signal }),
    (signal) => installAgent({ ...job, signal }),
  );
  await ready(job, base, broughtBack);
}

/**
 * A workspace of the task before stands in the same place where it could not be saved: it is not made anew over it, and is
 * waited for, since its teardown is tried again and again.
 * @throws CommandFailure
 */
async function requireNothingUnsaved({ node, taskId, body }: CreateJob): Promise<void> {
  const heldBy = node.records.holderOf(taskId, body.workspaceId);
  if (heldBy === null) return;
  await node.state.commit(() => node.records.update(taskId, { waitedFor: heldBy }));
  const { workspaces } = node.layout;
  const path = node.layout.workspace(body.workspaceId);
  const evidence = `${path} has work of ${heldBy} that is not saved yet. ${spaceLeft(workspaces)}`;
  throw new CommandFailure("workspace_failed", evidence, { retryable: true, heldBy });
}

interface Made {
  readonly base: UpToDate["base"];
  readonly broughtBack: SavedWorkRef | null;
}

async function makeCheckout(job: CreateJob): Promise<Made> {
  const { node, taskId, body } = job;
  saySoon(job, { type: "workspace_progress", phase: "mirror", bytes: null });
  const { request, listing, base: tip } = await bringMirrorUpToDate(job);
  const wanted = savedMeanwhile(job) ?? body.savedWork ?? null;
  const work = wanted === null ? null : await findSavedWork(request, wanted);
  // What was saved stands on its own base, wherever the branch is by now.
  const base = work === null ? tip : { ...tip, commit: await sharedBase(request, work.state.head, tip.commit) };
  saySoon(job, { type: "workspace_progress", phase: "checkout", bytes: null });
  await checkOut({
    layout: node.layout,
    taskId,
    workspaceId: body.workspaceId,
    url: body.repository.url,
    mirror: request.mirror,
    listing,
    base,
    branch: body.branch,
    work,
    identity: await gitIdentity(taskId),
    signal: job.signal,
    onProgress: () => saySoon(job, { type: "workspace_progress", phase: "checkout", bytes: null }),
  });
  return { base, broughtBack: wanted };
}

/** What isn't of the catalog is there already, or said to be missing when it is started. */
async function installAgent(job: CreateJob): Promise<void> {
  const { node, body, signal } = job;
  const known = knownAgent(node.settings, body.agentId);
  if (known?.kind !== "catalog") return;
  const onProgress = (bytes: number) => saySoon(job, { type: "workspace_progress", phase: "agent_install", bytes });
  await installedAgent(node, known.agentId, onProgress, signal);
}

function accept(job: CreateJob): Promise<void> {
  const { node, taskId, body, command } = job;
  return node.state.commit(() => {
    const { workspace } = node.records.get(taskId);
    node.records.update(taskId, {
      workspace: {
        workspaceId: body.workspaceId,
        repositoryUrl: body.repository.url,
        branch: body.branch,
        base: workspace?.base ?? null,
        broughtBack: workspace?.broughtBack ?? null,
      },
    });
    if (!command.progress.includes("accepted")) node.outbox.append(taskId, { type: "workspace_accepted" });
    node.inbox.noteProgress(command.commandId, ["accepted"]);
  });
}

function ready(job: CreateJob, base: UpToDate["base"], broughtBack: SavedWorkRef | null): Promise<void> {
  const { node, taskId, body } = job;
  const path = node.layout.workspace(body.workspaceId);
  const change = () => {
    const { workspace } = node.records.get(taskId);
    if (workspace !== null) node.records.update(taskId, { workspace: { ...workspace, base, broughtBack } });
  };
  const event = { type: "workspace_ready", baseCommit: base.commit, baseBranch: base.branch, path } as const;
  return finish(
    job,
    change,
    { type: "workspace_progress", phase: "ready", bytes: null },
    broughtBack === null ? event : { ...event, broughtBack },
  );
}

interface UpToDate {
  readonly request: MirrorRequest;
  readonly listing: RemoteListing;
  readonly base: { readonly commit: string; readonly branch: string };
}

async function bringMirrorUpToDate(job: CreateJob): Promise<UpToDate> {
  const { node, taskId, body, signal } = job;
  const remote = usableRemote(job);
  const mirror = node.layout.mirror(body.repository.url);
  const request: MirrorRequest = { remote, mirror, cwd: node.layout.mirrors, taskId, signal, timeoutMs: listTimeoutMs };
  // The identity is asked for now so that it is there when it is needed.
  const [theirs, ours] = await Promise.all([askRemote(request), mirrorListing(request), gitIdentity(taskId)]);
  const startBranch = chooseBranch(theirs, body.repository.branch);
  if (!isBehind(ours, theirs, startBranch)) {
    return { request, listing: asMirrored(theirs, ours), base: baseOf(ours, startBranch) };
  }
  const onQueued = () => saySoon(job, { type: "workspace_progress", phase: "queued", bytes: null });
  const listing = await withMirrorLock(mirror, onQueued, async () => {
    const before = await mirrorListing(request);
    if (!isBehind(before, theirs, startBranch)) return before;
    await fetchMirror(request, ({ bytes }) => saySoon(job, { type: "workspace_progress", phase: "mirror", bytes }));
    return await mirrorListing(request);
  });
  return { request, listing: asMirrored(theirs, listing), base: baseOf(listing, startBranch) };
}

/** What the remote lists, as far as the mirror has it: a mirror may know branches that the remote has removed. */
function asMirrored(remote: RemoteListing, mirror: RemoteListing): RemoteListing {
  const refs = [...remote.refs.keys()].flatMap((name): [string, string][] => {
    const id = mirror.refs.get(name);
    return id === undefined ? [] : [[name, id]];
  });
  return { ...remote, refs: new Map(refs) };
}

function usableRemote(job: CreateJob): Remote {
  try {
    return remoteOf(job.body.repository.url, job.node.settings.relay);
  } catch (error) {
    if (error instanceof UnusableAddress) throw new CommandFailure("repository_not_found", error.message);
    throw error;
  }
}

async function askRemote(request: MirrorRequest): Promise<RemoteListing> {
  const listing = await listRemote(request);
  if ("failed" in listing) {
    const probe = await probeRemote(request.remote, "git-upload-pack", request.signal);
    const said = describeOutcome("git ls-remote", listing.failed);
    throw new CommandFailure(probe.reason, `${probe.evidence}\n${said}`, { retryable: probe.retryable });
  }
  if (![...listing.refs.keys()].some((name) => name.startsWith("refs/heads/"))) {
    throw new CommandFailure("repository_empty", "the remote lists no branch");
  }
  return listing;
}

/** The branch that was asked for; else the remote's default; else its only one. */
function chooseBranch(listing: RemoteListing, wanted: string | null): string {
  const branches = [...listing.refs.keys()].flatMap((name) => /^refs\/heads\/(.+)$/s.exec(name)?.[1] ?? []);
  const atHead = branches.filter((branch) => listing.refs.get(`refs/heads/${branch}`) === listing.headCommit);
  const chosen = wanted ?? listing.defaultBranch ?? atHead[0] ?? (branches.length === 1 ? branches[0] : undefined);
  if (chosen === undefined) {
    throw new CommandFailure(
      "branch_not_found",
      "the remote's default branch is not there; name the branch to start from",
    );
  }
  if (!listing.refs.has(`refs/heads/${chosen}`)) {
    throw new CommandFailure("branch_not_found", `the remote lists ${branches.length} branches, not ${chosen}`);
  }
  return chosen;
}

function baseOf(listing: RemoteListing, branch: string): { commit: string; branch: string } {
  const commit = listing.refs.get(`refs/heads/${branch}`);
  if (commit === undefined) {
    throw new CommandFailure("branch_not_found", `${branch} was removed from the remote while it was fetched`);
  }
  return { commit, branch };
}
