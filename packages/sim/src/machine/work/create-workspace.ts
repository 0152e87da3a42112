/** Simulated `create_workspace`: accepted, brought up to date, ready; done twice, the second says again what stands. */
import { savedRefOf, type SavedWorkRef } from "@sam/domain/saved-work";

import { savedMeanwhile } from "../../../../../apps/vm-agent/src/saved/saved-meanwhile.ts";
import { CommandFailure } from "../../../../../apps/vm-agent/src/task/command-failure.ts";
import { finish, saySoon, type BodyOf, type Job } from "../../../../../apps/vm-agent/src/task/job.ts";
import type { Machine } from "../machine.ts";
import type { Commit } from "../remote.ts";
import { pause } from "./pause.ts";

const base = { commit: "ba5e".repeat(10), branch: "main" };

type CreateJob = Job<BodyOf<"create_workspace">>;

export async function createWorkspace(job: CreateJob, machine: Machine): Promise<void> {
  const { node, taskId, body, command } = job;
  const { workspaceId, branch } = body;
  await node.state.commit(() => {
    const { workspace } = node.records.get(taskId);
    const broughtBack = workspace?.broughtBack ?? null;
    const facts = {
      workspaceId,
      repositoryUrl: body.repository.url,
      branch,
      base: workspace?.base ?? null,
      broughtBack,
    };
    node.records.update(taskId, { workspace: facts });
    if (!command.progress.includes("accepted")) node.outbox.append(taskId, { type: "workspace_accepted" });
    node.inbox.noteProgress(command.commandId, ["accepted"]);
  });
  await waitForTheOneBefore(job);
  const known = node.records.get(taskId).workspace;
  const standing = machine.disk.workspaces.get(workspaceId);
  const isReady = standing !== undefined && standing.taskId === taskId && known !== null && known.base !== null;
  const broughtBack = isReady ? known.broughtBack : await makeWorkspace(job, machine);
  const change = () => {
    const { workspace } = node.records.get(taskId);
    if (workspace !== null) node.records.update(taskId, { workspace: { ...workspace, base, broughtBack } });
  };
  const ready = {
    type: "workspace_ready",
    baseCommit: base.commit,
    baseBranch: base.branch,
    path: `/workspaces/${workspaceId}`,
  } as const;
  await finish(
    job,
    change,
    { type: "workspace_progress", phase: "ready", bytes: null },
    broughtBack === null ? ready : { ...ready, broughtBack },
  );
}

/** @returns the saved work that it begins with. */
async function makeWorkspace(job: CreateJob, machine: Machine): Promise<SavedWorkRef | null> {
  const { taskId, body, signal } = job;
  const { chance, remote } = machine.ports;
  const { workspaceId, branch } = body;
  for (let bytes = chance.below(3); bytes > 0; bytes -= 1) {
    await pause(500 + chance.below(4_000), signal);
    saySoon(job, { type: "workspace_progress", phase: "mirror", bytes: bytes * 1_000 });
  }
  await pause(chance.below(2_000), signal);
  signal.throwIfAborted();
  const from = remote.refs.get(`refs/heads/${body.repository.branch ?? "main"}`)?.pieces ?? [];
  const wanted = savedMeanwhile(job) ?? body.savedWork ?? null;
  if (remote.isAway) {
    throw new CommandFailure("repository_unreachable", "the remote could not be reached", { retryable: true });
  }
  const uncommitted = wanted === null ? [] : [...findSaved(wanted, machine).pieces];
  machine.disk.workspaces.set(workspaceId, {
    workspaceId,
    taskId,
    branch,
    base: from,
    uncommitted,
    committed: [],
    head: null,
  });
  holdBroughtBack(job, machine, uncommitted);
  return wanted;
}

/** What the task before has there yet is not made anew over, and is waited for. */
async function waitForTheOneBefore({ node, taskId, body }: CreateJob): Promise<void> {
  const heldBy = node.records.holderOf(taskId, body.workspaceId);
  if (heldBy === null) return;
  await node.state.commit(() => node.records.update(taskId, { waitedFor: heldBy }));
  throw new CommandFailure("workspace_failed", `it has work of ${heldBy}`, { retryable: true, heldBy });
}

/** In the mirror, else at the remote, under its own ref and as that very commit. */
function findSaved({ taskId, commit }: SavedWorkRef, { disk, ports }: Machine): Commit {
  const places = [disk.mirror.get(taskId), ports.remote.refs.get(savedRefOf(taskId))];
  const found = places.find((place) => place?.id === commit);
  if (found === undefined) throw new CommandFailure("workspace_failed", `the saved work ${commit} is not there`);
  return found;
}

/**
 * Rule 8: whoever goes on, the task itself or one that continues it, finds what was saved of that place last, but for what
 * its user gave up, by name or with the machine.
 */
function holdBroughtBack({ taskId, body }: CreateJob, { ports }: Machine, pieces: readonly string[]): void {
  const { book, remote } = ports;
  const last = book.savedIn.get(body.workspaceId);
  const saved = last === undefined || book.forced.has(last.by) ? [] : last.pieces;
  const isThere = (id: string) => pieces.includes(id) || remote.hasDelivered(id);
  const missing = saved.filter((id) => !isThere(id) && !book.discarded.has(id) && !book.lostWithMachine.has(id));
  if (missing.length > 0) book.breach(8, taskId, `it goes on without ${missing.join(", ")}, which was saved`);
}
