/** Simulated `start_agent`: the older incarnation is ended with proof, then a process, its grant, its session. */
import { grantFor } from "../../../../../apps/vm-agent/src/agent/agent-launch.ts";
import type { HeldAgent } from "../../../../../apps/vm-agent/src/task/carry-out.ts";
import { CommandFailure } from "../../../../../apps/vm-agent/src/task/command-failure.ts";
import { finish, type BodyOf, type Job } from "../../../../../apps/vm-agent/src/task/job.ts";
import type { Machine } from "../machine.ts";
import { pause } from "./pause.ts";
import { SimulatedAgent } from "./simulated-agent.ts";

type StartJob = Job<BodyOf<"start_agent">>;

export async function startAgent(job: StartJob, machine: Machine, held: HeldAgent): Promise<void> {
  const { node, taskId, body, command, signal } = job;
  const { incarnation, agentId, homeOf } = body;
  const { chance, gate } = machine.ports;
  const known = node.records.get(taskId).agent;
  const isTakenUpAgain = known?.incarnation === incarnation && command.progress.includes("begun");
  if (known !== null && known.incarnation >= incarnation && !isTakenUpAgain) {
    await finish(job, () => undefined);
    return;
  }
  if (!machine.hasWorkspace(taskId)) throw new CommandFailure("agent_start_failed", "no workspace of the task");
  await endAgent(job, machine, held);
  signal.throwIfAborted();
  await node.state.commit(() => {
    node.records.update(taskId, { agent: { incarnation, agentId, homeOf, state: "starting" } });
    node.inbox.noteProgress(command.commandId, ["begun"]);
    node.outbox.append(taskId, { type: "agent_phase", incarnation, phase: "spawning" });
  });
  if (chance.next() < 0.2) await grantFor(job, agentId, "agent_not_configured");
  signal.throwIfAborted();
  const process = machine.spawn(taskId, incarnation);
  const agent = new SimulatedAgent({ node, machine, taskId, process, waitingCommands: () => waiting(job) });
  held.hold(agent);
  await Promise.race([pause(300 + chance.below(3_000), signal), agent.gone]);
  if (agent.pid === null) return;
  if (gate.happens("agentFails")) {
    if (chance.next() < 0.3) await Promise.race([pause(60_000, signal), agent.gone]);
    await agent.end();
    throw new CommandFailure("agent_session_timeout", "no session", { retryable: true });
  }
  const loaded = body.loadSessionId !== null && chance.next() < 0.8;
  const sessionId = loaded && body.loadSessionId !== null ? body.loadSessionId : `${taskId}-${incarnation}`;
  const ready = () => node.records.update(taskId, { agent: { incarnation, agentId, homeOf, state: "ready" } });
  const session = { sessionId, canLoadSession: true, loaded, name: "simulated", version: "1" };
  await finish(job, ready, { type: "agent_ready", incarnation, ...session });
}

/** Ends the agent with every process of the task, whoever started them. */
export async function endAgent(job: Pick<Job, "node" | "taskId">, machine: Machine, held: HeldAgent): Promise<void> {
  const { node, taskId } = job;
  const agent = held.agent();
  if (agent !== null) await agent.end();
  else if (node.records.get(taskId).agent !== null) await machine.endProcesses(taskId);
  held.hold(null);
  await node.state.commit(() => {
    const facts = node.records.get(taskId).agent;
    if (facts !== null) node.records.update(taskId, { agent: { ...facts, state: "ended" } });
  });
}

function waiting({ node, taskId, command }: StartJob): string[] {
  return node.inbox
    .unfinished()
    .filter(({ taskId: of, body, state, commandId }) => {
      if (of !== taskId) return false;
      return commandId === command.commandId || (body.type === "prompt" && state === "running");
    })
    .map(({ commandId }) => commandId);
}
