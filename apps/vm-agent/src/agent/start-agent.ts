/** Carrying out `start_agent`: the older incarnation is ended with proof, then the process, its handshake, its session. */
import { RequestError } from "@agentclientprotocol/sdk/unstable";
import type { NodeTaskEvent } from "@sam/domain/node-task";

import { messageOf } from "../clipped-text.ts";
import { DeadlinePassed, withDeadline } from "../deadline.ts";
import { TurnLedger } from "../gateway/turn-ledger.ts";
import { CommandFailure } from "../task/command-failure.ts";
import { finish, saySoon } from "../task/job.ts";
import { standingWorkspace } from "../workspace/task-vault.ts";
import { prepareLaunch, type StartJob } from "./agent-launch.ts";
import { CannotAsk, NotOfProtocol, type OpenedSession } from "./agent-session.ts";
import { LiveAgent } from "./live-agent.ts";

/** Where a task keeps its agent: one, or none. */
export interface AgentSlot {
  /** Ends the agent of the task, if there is one, with every process of the task. @throws ProcessesRemain */
  endAgent(): Promise<void>;
  hold(agent: LiveAgent): void;
}

/** Ends with `agent_ready`; where the process ends on the way, with `agent_gone`. @throws CommandFailure */
export async function startAgent(job: StartJob, slot: AgentSlot): Promise<void> {
  const { node, taskId, body, command } = job;
  const known = node.records.get(taskId).agent;
  const isTakenUpAgain = known?.incarnation === body.incarnation && command.progress.includes("begun");
  if (known !== null && known.incarnation >= body.incarnation && !isTakenUpAgain) {
    await finish(job, () => undefined);
    return;
  }
  const workspace = standingWorkspace(job);
  if (workspace === null) throw new CommandFailure("agent_start_failed", "this node has no workspace of the task");
  await slot.endAgent();
  job.signal.throwIfAborted();
  const { incarnation, agentId, homeOf } = body;
  await node.state.commit(() => {
    node.records.update(taskId, { agent: { incarnation, agentId, homeOf, state: "starting" } });
    node.inbox.noteProgress(command.commandId, ["begun"]);
    node.outbox.append(taskId, { type: "agent_phase", incarnation, phase: "spawning" });
  });
  const ledger = ledgerOf(job);
  const path = node.layout.workspace(workspace.workspaceId);
  const agent = new LiveAgent({
    node,
    taskId,
    incarnation,
    launch: await prepareLaunch(job, path, ledger),
    ledger,
    isLoaded: body.loadSessionId !== null,
    workspace: path,
    waitingCommands: () => waitingCommands(job),
  });
  slot.hold(agent);
  await open(job, agent);
}

/** What the model does is said as it happens, between the updates of the agent. */
function ledgerOf({ node, taskId }: StartJob): TurnLedger {
  const say = (event: NodeTaskEvent) =>
    node.state.commitSoon(() => {
      node.outbox.append(taskId, event);
    });
  return new TurnLedger(
    {
      onFailing: (turn, failure, failures) => say({ type: "model_failing", turn, failure, failures }),
      onAnswering: (turn) => say({ type: "model_answering", turn }),
    },
    node.settings.timings.modelAnswerMs,
  );
}

/** Commands that can't be done any more when the agent ends: its start, or the turn that it was in. */
function waitingCommands(job: StartJob): string[] {
  return job.node.inbox
    .unfinished()
    .filter(({ taskId, body, state, commandId }) => {
      if (taskId !== job.taskId) return false;
      return commandId === job.command.commandId || (body.type === "prompt" && state === "running");
    })
    .map(({ commandId }) => commandId);
}

async function open(job: StartJob, agent: LiveAgent): Promise<void> {
  const { node, taskId, body, signal } = job;
  const opening = agent.open({
    loadSessionId: body.loadSessionId,
    timeoutMs: node.settings.timings.sessionMs,
    onPhase: (phase) => saySoon(job, { type: "agent_phase", incarnation: body.incarnation, phase }),
  });
  const outcome = await Promise.race([
    opening.then(
      (session) => ({ session }),
      (error: unknown) => ({ error }),
    ),
    agent.gone.then(() => "gone" as const),
    aborted(signal),
  ]);
  signal.throwIfAborted();
  if (outcome === "gone" || outcome === "aborted") return;
  if ("session" in outcome) {
    await finishReady(job, outcome.session);
    return;
  }
  // A connection fails when the process ends; that is then the fact, and it is reported as such.
  if (!isTheAgentsWord(outcome.error) && (await endsByItself(agent))) return;
  await agent.end();
  await node.state.commit(() => {
    node.records.update(taskId, { agent: agentFacts(job, "ended") });
  });
  throw startFailure(agent, outcome.error);
}

function agentFacts({ body }: StartJob, state: "ready" | "ended") {
  const { incarnation, agentId, homeOf } = body;
  return { incarnation, agentId, homeOf, state };
}

function isTheAgentsWord(error: unknown): boolean {
  const words = [RequestError, NotOfProtocol, CannotAsk, DeadlinePassed];
  return words.some((kind) => error instanceof kind);
}

async function endsByItself(agent: LiveAgent): Promise<boolean> {
  try {
    await withDeadline("the end of the process", 2_000, agent.gone);
    return true;
  } catch (error) {
    if (error instanceof DeadlinePassed) return false;
    throw error;
  }
}

function startFailure(agent: LiveAgent, error: unknown): CommandFailure {
  const said = agent.outputTail;
  const evidence = said === "" ? messageOf(error) : `${messageOf(error)}\n${said}`;
  if (error instanceof CannotAsk) return new CommandFailure("agent_start_failed", evidence);
  const isGarbled = agent.wroteStrayLines && !(error instanceof RequestError);
  if (isGarbled || error instanceof NotOfProtocol || !isTheAgentsWord(error)) {
    return new CommandFailure("agent_protocol_error", evidence);
  }
  if (error instanceof DeadlinePassed)
    return new CommandFailure("agent_session_timeout", evidence, { retryable: true });
  return new CommandFailure("agent_start_failed", evidence, { retryable: true });
}

function finishReady(job: StartJob, session: OpenedSession): Promise<void> {
  const { node, taskId, body } = job;
  const change = () => {
    node.records.update(taskId, { agent: agentFacts(job, "ready") });
  };
  const name = session.name === "" ? body.agentId : session.name;
  const version = session.version === "" ? "unknown" : session.version;
  return finish(job, change, { type: "agent_ready", incarnation: body.incarnation, ...session, name, version });
}

function aborted(signal: AbortSignal): Promise<"aborted"> {
  const { promise, resolve } = Promise.withResolvers<"aborted">();
  signal.addEventListener("abort", () => resolve("aborted"), { once: true });
  return promise;
}
