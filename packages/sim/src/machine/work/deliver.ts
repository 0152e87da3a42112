/** Simulated `deliver`: end the agent, commit, check, push, prove; done again it makes the same commit. */
import type { Verdicts } from "@sam/domain/verdicts";

import { grantFor } from "../../../../../apps/vm-agent/src/agent/agent-launch.ts";
import type { HeldAgent } from "../../../../../apps/vm-agent/src/task/carry-out.ts";
import { CommandFailure } from "../../../../../apps/vm-agent/src/task/command-failure.ts";
import { finish, saySoon, type BodyOf, type Job } from "../../../../../apps/vm-agent/src/task/job.ts";
import type { Workspace } from "../disk.ts";
import type { Machine } from "../machine.ts";
import type { Commit } from "../remote.ts";
import { pause } from "./pause.ts";
import { endAgent } from "./start-agent.ts";

type DeliverJob = Job<BodyOf<"deliver">>;

export async function deliver(job: DeliverJob, machine: Machine, held: HeldAgent): Promise<void> {
  const { node, taskId, body, signal } = job;
  const { chance } = machine.ports;
  const workspace = machine.workspaceOf(taskId);
  if (workspace === null) throw new CommandFailure("delivery_failed", "this node has no workspace of the task");
  saySoon(job, { type: "delivery_phase", phase: "ending_agent" });
  await endAgent(job, machine, held);
  signal.throwIfAborted();
  const head = commitAll(workspace, machine);
  const produced = producedBy(workspace, head);
  if (head === null || !produced.holds) {
    const pushed = { holds: false, ref: null, commit: null, detail: "nothing was produced, so nothing was pushed" };
    await finish(job, () => undefined, { type: "delivered", verdicts: { produced, checked: notConfigured, pushed } });
    return;
  }
  saySoon(job, { type: "delivery_phase", phase: "checking" });
  await pause(200 + chance.below(5_000), signal);
  const checked = await check(job, machine);
  await stillWanted(job, machine);
  saySoon(job, { type: "delivery_phase", phase: "pushing" });
  await pause(chance.below(1_500), signal);
  signal.throwIfAborted();
  const ref = `refs/heads/${body.branch}`;
  if (machine.ports.remote.isAway) {
    throw new CommandFailure("delivery_failed", "the remote could not be reached", { retryable: true });
  }
  if (!machine.push(taskId, ref, head)) {
    const pushed = { holds: false, ref, commit: head.id, detail: "no fast-forward" };
    throw new CommandFailure("push_rejected", "no fast-forward", { verdicts: { produced, checked, pushed } });
  }
  await pause(chance.below(1_000), signal);
  const pushed = { holds: true, ref, commit: head.id, detail: "the remote lists it" };
  const keep = () => node.records.update(taskId, { pushed: { commit: head.id, ref } });
  await finish(job, keep, { type: "delivered", verdicts: { produced, checked, pushed } });
}

const notConfigured: NonNullable<Verdicts["checked"]> = {
  outcome: "not_configured",
  command: null,
  exitCode: null,
  durationMs: null,
  outputTail: "",
};

function commitAll(workspace: Workspace, { ports }: Machine): Commit | null {
  if (workspace.uncommitted.length > 0 || (workspace.head === null && workspace.committed.length > 0)) {
    workspace.committed.push(...workspace.uncommitted);
    workspace.uncommitted = [];
    workspace.head = ports.remote.commit([...workspace.base, ...workspace.committed]);
  }
  return workspace.head;
}

function producedBy(workspace: Workspace, head: Commit | null): NonNullable<Verdicts["produced"]> {
  const files = workspace.committed.length;
  const commits = head === null ? 0 : 1;
  return { holds: files > 0, commits, files, insertions: files, deletions: 0, headCommit: head?.id ?? "ba5e" };
}

async function check({ body, signal }: DeliverJob, { ports }: Machine): Promise<NonNullable<Verdicts["checked"]>> {
  if (body.checkCommand === null) return notConfigured;
  await pause(ports.chance.below(8_000), signal);
  const exitCode = ports.gate.happens("workFails") ? 1 : 0;
  const outcome = exitCode === 0 ? "passed" : "failed";
  return { outcome, command: body.checkCommand, exitCode, durationMs: 1, outputTail: "" };
}

/** The control plane is asked before the push, as the real one is: what was cancelled meanwhile gets no grant. */
async function stillWanted(job: DeliverJob, machine: Machine): Promise<void> {
  const { agent } = job.node.records.get(job.taskId);
  if (agent !== null && machine.ports.chance.next() < 0.4) await grantFor(job, agent.agentId, "delivery_failed");
  job.signal.throwIfAborted();
}
