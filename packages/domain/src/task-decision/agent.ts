/** The agent: its start, its end, and the one time that it is started again. */
import type { FailureReason } from "../failure-reason.ts";
import type { NodeTaskEvent } from "../node-task.ts";
import { taskLifecycle, type Consequence, type TaskStep } from "../task-lifecycle.ts";
import { failAndCleanUp } from "./cleanup.ts";
import { deliverThenFail } from "./delivery.ts";
import type { TaskDraft } from "./draft.ts";
import { giveTurn, giveTurnAgain, openTurn, resumeTurn } from "./turn.ts";

type EventOf<Type extends NodeTaskEvent["type"]> = Extract<NodeTaskEvent, { type: Type }>;

/** Starts the agent, or starts it again; an older incarnation is dead before the new one runs. */
export function startAgent(draft: TaskDraft, restarts: number): void {
  const { agent, workspace, request } = draft.facts;
  if (workspace === null) throw new Error("an agent needs a workspace");
  const incarnation = (agent?.incarnation ?? 0) + 1;
  const sessionId = agent?.canLoadSession === true ? agent.sessionId : null;
  draft.set({
    agent: { incarnation, state: "starting", sessionId, canLoadSession: agent?.canLoadSession ?? false, restarts },
  });
  draft.command({
    type: "start_agent",
    workspaceId: workspace.workspaceId,
    agentId: request.agentId,
    homeOf: request.continues?.rootTaskId ?? request.taskId,
    loadSessionId: sessionId,
    incarnation,
  });
}

export function agentReady(draft: TaskDraft, event: EventOf<"agent_ready">): void {
  const { agent, step, request } = draft.facts;
  if (agent === null || event.incarnation !== agent.incarnation || agent.state !== "starting") return;
  const { sessionId, canLoadSession } = event;
  draft.set({ agent: { ...agent, state: "ready", sessionId, canLoadSession } });
  if (step === "agent_session") {
    draft.set({ agent: { ...agent, state: "ready", sessionId, canLoadSession, restarts: 0 } });
    draft.enter("running", "agent_ready");
    draft.note(`${event.name} ${event.version} opened session ${sessionId}.`);
    openTurn(draft, request.prompt);
    giveTurn(draft);
  } else if (step === "running") {
    draft.progress();
    giveTurnAgain(draft, event.loaded);
  }
}

/**
 * The process ended, was killed, or could not be commanded. One restart with the session loaded again; then the end.
 * @param reason what the task fails with at the end; null: the step says.
 */
export function agentGone(draft: TaskDraft, evidence: string, reason: FailureReason | null = null): void {
  const { agent, step, turn } = draft.facts;
  if (agent === null) return;
  draft.set({ agent: { ...agent, state: "gone" } });
  draft.closePermissions();
  if (step === "agent_session") {
    restartOr(draft, evidence, () => {
      failAndCleanUp(draft, reason ?? "agent_start_failed", evidence, "agent_gone");
    });
  } else if (step === "running" || (step === "awaiting_input" && turn?.running === true)) {
    if (step === "awaiting_input") resumeTurn(draft, "agent_gone");
    restartOr(draft, evidence, () => {
      deliverThenFail(draft, reason ?? "agent_exited", evidence, "agent_gone");
    });
  }
}

/** No progress for too long: the turn is cancelled and the session loaded again, once. */
export function turnStalled(draft: TaskDraft, reason: FailureReason): void {
  const { turn } = draft.facts;
  const evidence = "no update of the agent within the limit";
  if (turn?.given === true) draft.command({ type: "cancel_turn", turn: turn.number });
  restartOr(draft, evidence, () => {
    deliverThenFail(draft, reason, evidence, "deadline");
  });
}

/** Starts the agent again as often as the step's row allows; after that `giveUp` decides. */
export function restartOr(draft: TaskDraft, evidence: string, giveUp: () => void): void {
  const { agent, step } = draft.facts;
  const restarts = agent?.restarts ?? 0;
  if (restarts >= restartsAllowed(step)) {
    giveUp();
    return;
  }
  // The first line is ours; what the agent printed stands below it, and must not be said in SAM's name.
  draft.note(`The agent is started again: ${evidence.split("\n", 1)[0] ?? ""}.`);
  const row = draft.deadlines(step);
  // In agent_session a restart has the full time of the step again; a running turn keeps its eight hours.
  if (step === "agent_session") draft.set({ deadlineAt: row.deadlineAt });
  draft.set({ progressDeadlineAt: row.progressDeadlineAt, stallFlagAt: draft.stallFlag(step), stalledSince: null });
  startAgent(draft, restarts + 1);
}

function restartsAllowed(step: TaskStep): number {
  const row = taskLifecycle[step];
  if (row.final) return 0;
  return Math.max(restartsOf(row.then), row.progressDeadline === null ? 0 : restartsOf(row.progressDeadline.then));
}

function restartsOf(consequence: Consequence): number {
  return consequence.does === "restart_agent_then_fail" ? consequence.restarts : 0;
}
