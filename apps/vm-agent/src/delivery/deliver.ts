/**
 * Carrying out `deliver`: end the agent, commit what is uncommitted, check, push, prove. Everything is done again without
 * harm: the same work makes the same commit, and a ref that is there already is fine. Where nothing was produced there is
 * nothing to check or to push, and the verdicts say so.
 */
import type { Verdicts } from "@sam/domain/verdicts";

import { grantFor } from "../agent/agent-launch.ts";
import { messageOf } from "../clipped-text.ts";
import { reportDiff } from "../diff/report-diff.ts";
import { diffOfTree } from "../diff/work-diff.ts";
import { errnoOf } from "../errno.ts";
import { isBranchName } from "../git/branch-name.ts";
import { GitFailed } from "../git/git-command.ts";
import { remoteOf } from "../git/remote.ts";
import { CommandFailure } from "../task/command-failure.ts";
import { finish, saySoon, type BodyOf, type Job } from "../task/job.ts";
import { diskSpace, isFull, spaceLeft } from "../workspace/disk-space.ts";
import { saveCommit } from "../workspace/saved-work.ts";
import { openVault, standingWorkspace, type StandingWorkspace } from "../workspace/task-vault.ts";
import { commitWork, findDifferences } from "../workspace/uncommitted-work.ts";
import { takeOver, vaultGit, type TakenOver, type Vault } from "../workspace/vault.ts";
import { writeBack } from "../workspace/write-back.ts";
import { runCheck } from "./check-run.ts";
import { measureProduced } from "./produced.ts";
import { provePush, pushBranch } from "./push-branch.ts";
import { findSecrets, placeOf } from "./secret-scan.ts";

type DeliverJob = Job<BodyOf<"deliver">>;
type Delivered = Pick<Verdicts, "produced" | "checked" | "pushed">;

/** What is known so far; it goes with a failure too. */
interface Progress {
  verdicts: Delivered;
  headCommit: string | null;
}

/** `endAgent` ends the task's agent with all of its processes. @throws CommandFailure */
export async function deliver(job: DeliverJob, endAgent: () => Promise<void>): Promise<void> {
  const workspace = standingWorkspace(job);
  if (workspace === null) {
    const known = job.node.records.get(job.taskId).workspace !== null;
    const what = known
      ? "the workspace is no folder any more: it was moved or replaced"
      : "this node has no workspace of the task";
    throw new CommandFailure("delivery_failed", what);
  }
  if (!isBranchName(job.body.branch)) throw new CommandFailure("delivery_failed", "the branch is no branch name");
  saySoon(job, { type: "delivery_phase", phase: "ending_agent" });
  await endAgent();
  const vault = await openVault(job, workspace);
  const progress: Progress = { verdicts: { produced: null, checked: null, pushed: null }, headCommit: null };
  try {
    await carryOut(job, vault, workspace, progress);
  } catch (error) {
    job.signal.throwIfAborted();
    throw await failureOf(job, vault, workspace, progress, error);
  }
}

async function carryOut(
  job: DeliverJob,
  vault: Vault,
  workspace: StandingWorkspace,
  progress: Progress,
): Promise<void> {
  const { body, node, taskId } = job;
  saySoon(job, { type: "delivery_phase", phase: "committing" });
  const headCommit = await commitAll(job, vault);
  progress.headCommit = headCommit;
  await refuseSecrets(job, vault, headCommit);
  const [produced] = await Promise.all([
    measureProduced(vault, headCommit),
    reportDiff(job, (mask) => diffOfTree(vault, headCommit, mask)),
  ]);
  progress.verdicts = { ...progress.verdicts, produced };
  if (!produced.holds) {
    await finish(job, () => undefined, { type: "delivered", verdicts: nothingProduced(produced) });
    return;
  }
  if (body.checkCommand === null) {
    progress.verdicts = { ...progress.verdicts, checked: notConfigured("") };
  } else {
    saySoon(job, { type: "delivery_phase", phase: "checking" });
    progress.verdicts = { ...progress.verdicts, checked: await runCheck(job, vault.workspace, body.checkCommand) };
  }
  await requireStillWanted(job);
  saySoon(job, { type: "delivery_phase", phase: "pushing" });
  const remote = remoteOf(workspace.repositoryUrl, node.settings.relay);
  const push = { vault, remote, commit: headCommit, branch: body.branch };
  await pushBranch(push);
  saySoon(job, { type: "delivery_phase", phase: "proving" });
  const pushed = await provePush(push);
  const keep = () => node.records.update(taskId, { pushed: { commit: headCommit, ref: `refs/heads/${body.branch}` } });
  await finish(job, keep, { type: "delivered", verdicts: { ...progress.verdicts, pushed } });
}

/**
 * A check may take long, and this process may have stood still meanwhile: what was cancelled since is not pushed. The
 * control plane is asked, which grants nothing to a task that does not deliver any more. @throws CommandFailure
 */
async function requireStillWanted(job: DeliverJob): Promise<void> {
  const { agent } = job.node.records.get(job.taskId);
  if (agent !== null) await grantFor(job, agent.agentId, "delivery_failed");
  job.signal.throwIfAborted();
}

/** @throws CommandFailure where the work holds a secret of its owner: once pushed it could not be taken back. */
async function refuseSecrets(job: DeliverJob, vault: Vault, headCommit: string): Promise<void> {
  const { node, taskId } = job;
  const { agent } = node.records.get(taskId);
  if (agent === null) return;
  // After a restart of this process nothing is known of them any more.
  if (!node.secrets.has(taskId)) await grantFor(job, agent.agentId, "delivery_failed");
  const found = await findSecrets(placeOf(vault), headCommit, node.secrets.granted(taskId));
  if (found.length === 0) return;
  const what = found.map(({ place, name }) => `${place} holds the value of the secret ${name}`).join("; ");
  throw new CommandFailure(
    "delivery_failed",
    `Nothing was pushed: ${what}. Take it out, of the branch's history too, or set another value; then continue the task.`,
  );
}

/** @returns the commit to deliver: a new one of what is uncommitted, else what is committed. */
async function commitAll(job: DeliverJob, vault: Vault): Promise<string> {
  const taken = await takeOver(vault);
  const differences = await findDifferences(vault, taken);
  if (differences.length > 0) {
    const message = job.body.commitMessage.trim() === "" ? `Work of ${job.taskId}` : job.body.commitMessage;
    const at = job.command.receivedAt;
    const commit = await commitWork(vault, {
      differences,
      parents: [taken.headCommit],
      message: `${message.trimEnd()}\n`,
      at,
    });
    if (commit !== null) {
      writeBack(vault, taken, commit);
      return commit;
    }
  }
  return await committedHead(vault, taken, job.body.branch);
}

/** An agent may have left its own branch for another, to look at something: the work is then at the branch's tip. */
async function committedHead(vault: Vault, taken: TakenOver, branch: string): Promise<string> {
  const tip = taken.refs.get(`refs/heads/${branch}`);
  if (tip === undefined || tip === taken.headCommit || taken.headRef === `refs/heads/${branch}`)
    return taken.headCommit;
  const contains = await vaultGit(vault, { args: ["merge-base", "--is-ancestor", taken.headCommit, tip] });
  return contains.exitCode === 0 ? tip : taken.headCommit;
}

function nothingProduced(produced: Delivered["produced"]): Delivered {
  const detail = "nothing was produced, so nothing was pushed";
  return {
    produced,
    checked: notConfigured("nothing was produced, so nothing was checked"),
    pushed: { holds: false, ref: null, commit: null, detail },
  };
}

function notConfigured(outputTail: string): NonNullable<Delivered["checked"]> {
  return { outcome: "not_configured", command: null, exitCode: null, durationMs: null, outputTail };
}

/** The failure as it is told: typed, with the verdicts so far, and with the work saved where there is any. */
async function failureOf(
  job: DeliverJob,
  vault: Vault,
  workspace: StandingWorkspace,
  progress: Progress,
  error: unknown,
): Promise<CommandFailure> {
  const { layout } = job.node;
  const full = [vault.workspace, vault.folder].find((path) => errnoOf(error) === "ENOSPC" || isFull(diskSpace(path)));
  const typed =
    error instanceof CommandFailure
      ? error
      : full !== undefined && isLocal(error)
        ? new CommandFailure("disk_full", `${spaceLeft(full)}\n${messageOf(error)}`)
        : new CommandFailure("delivery_failed", messageOf(error));
  const { headCommit, verdicts } = progress;
  let saved = "";
  if (headCommit !== null && headCommit !== vault.baseCommit) {
    saved = await saveCommit(vault, layout.mirror(workspace.repositoryUrl), headCommit)
      .then((ref) => `\nsaved on the node as ${ref} (${headCommit})`)
      .catch((reason: unknown) => `\nthe work stays in the workspace: ${messageOf(reason)}`);
  }
  const refused = typed.reason === "push_rejected" || typed.reason === "push_unproven";
  const pushed = {
    holds: false,
    ref: `refs/heads/${job.body.branch}`,
    commit: headCommit,
    detail: typed.message.slice(0, 4_000),
  };
  return new CommandFailure(typed.reason, `${typed.message}${saved}`, {
    retryable: typed.retryable,
    verdicts: refused ? { ...verdicts, pushed } : verdicts,
  });
}

function isLocal(error: unknown): boolean {
  return error instanceof GitFailed || errnoOf(error) === "ENOSPC";
}
