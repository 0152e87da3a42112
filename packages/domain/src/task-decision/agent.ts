/** The agent: its start, its end, and the one time that it is started again. */
import type { FailureReason } from "../failure-reason.ts";
import { failureByModel } from "../model-watch.ts";
import type { NodeTaskEvent } from "../node-task.ts";
import { answersMissed } from "../reply.ts";
import type { TaskFacts } from "../task-facts.ts";
import { taskLifecycle, type Consequence, type TaskStep } from "../task-lifecycle.ts";
import { quoted } from "../visible-text.ts";
import { failAndCleanUp } from "./cleanup.ts";
import { deliverThenFail } from "./delivery.ts";
import type { TaskDraft } from "./draft.ts";
import { giveUpOnModel } from "./model.ts";
import { tellReturn } from "./return-turn.ts";
import { interruptedTurnIsOver } from "./turn-end.ts";
import { cancelTurn, giveFromTheStart, giveTurn, giveTurnAgain, openTurn, resumeTurn } from "./turn.ts";

type EventOf<Type extends NodeTaskEvent["type"]> = Extract<NodeTaskEvent, { type: Type }>;

/** Starts the agent, or starts it again; an older incarnation is dead before the new one runs. */
export function startAgent(draft: TaskDraft, restarts: number): void {
  const { agent, workspace, request } = draft.facts;
  if (workspace === null) throw new Error("an agent needs a workspace");
  const incarnation = (agent?.incarnation ?? 0) + 1;
  const loadSessionId = sessionToLoad(draft.facts, restarts);
  draft.set({
    agent: {
      incarnation,
      state: "starting",
      sessionId: agent?.sessionId ?? null,
      canLoadSession: agent?.canLoadSession ?? false,
      restarts,
    },
  });
  draft.command({
    type: "start_agent",
    workspaceId: workspace.workspaceId,
    agentId: request.agentId,
    homeOf: request.continues?.rootTaskId ?? request.taskId,
    loadSessionId,
    incarnation,
  });
}

/** Its own session, or that of the task before, which is tried once: one that ends the agent must not end the task. */
function sessionToLoad({ agent, request }: TaskFacts, restarts: number): string | null {
  if (agent !== null && agent.sessionId !== null) return agent.canLoadSession ? agent.sessionId : null;
  return restarts === 0 ? (request.continues?.sessionId ?? null) : null;
}

export function agentReady(draft: TaskDraft, event: EventOf<"agent_ready">): void {
  const { agent, step, request } = draft.facts;
  if (agent === null || event.incarnation !== agent.incarnation || agent.state !== "starting") return;
  const { sessionId, canLoadSession, loaded } = event;
  draft.set({ agent: { ...agent, state: "ready", sessionId, canLoadSession } });
  if (step === "agent_session" && draft.facts.comesBackFor !== null) {
    tellReturn(draft, event);
  } else if (step === "agent_session") {
    draft.set({ agent: { ...agent, state: "ready", sessionId, canLoadSession, restarts: 0 } });
    draft.enter("running", "agent_ready");
    const agentName = quoted(`${event.name} ${event.version}`);
    draft.note(`${agentName} ${loaded ? "loaded" : "opened"} session ${quoted(sessionId)}.`);
    openTurn(draft, request.prompt);
    giveFirstTurn(draft, loaded);
  } else if (step === "running") {
    draft.progress();
    giveTurnAgain(draft, loaded);
  }
}

/** A task that continues another one says which of the two its agent has: the session, or a summary, and why. */
function giveFirstTurn(draft: TaskDraft, loaded: boolean): void {
  const { continues } = draft.facts.request;
  if (continues === null || loaded) {
    giveTurn(draft);
    return;
  }
  const { sessionId, nodeId, taskId } = continues;
  const lies = nodeId !== null && nodeId !== draft.facts.nodeId ? `, which lies on ${nodeId}` : "";
  const why =
    sessionId === null ? `has no session of ${taskId} to load` : `could not load the session of ${taskId}${lies}`;
  draft.note(`The agent ${why}. It is told a summary of what came before.`);
  giveFromTheStart(draft);
}

/**
 * The process ended, was killed, or could not be commanded. One restart with the session loaded again; then the end.
 * @param reason what the task fails with at the end; null: the step says.
 */
export function agentGone(draft: TaskDraft, evidence: string, reason: FailureReason | null = null): void {
  const { agent, step, turn } = draft.facts;
  if (agent === null) return;
  const replies = answersMissed(draft.facts.replies, "its agent ended before it read it", draft.now);
  draft.set({ agent: { ...agent, state: "gone" }, replies });
  draft.closePermissions();
  if (step === "agent_session") {
    restartOr(draft, evidence, () => {
      failAndCleanUp(draft, reason ?? "agent_start_failed", evidence, "agent_gone");
    });
  } else if (step === "running" || (step === "awaiting_input" && turn?.running === true)) {
    if (step === "awaiting_input") resumeTurn(draft, "agent_gone");
    if (draft.facts.interrupted) endInterrupted(draft);
    else restartOr(draft, evidence, () => goneForGood(draft, evidence, reason ?? "agent_exited"));
  }
}

/** An agent whose model fails may end because of it: then that is the reason. */
function goneForGood(draft: TaskDraft, evidence: string, reason: FailureReason): void {
  const { modelTrouble } = draft.facts;
  const byModel = modelTrouble === null ? null : failureByModel(modelTrouble, draft.now);
  if (byModel === null) deliverThenFail(draft, reason, evidence, "agent_gone");
  else deliverThenFail(draft, byModel.reason, `${byModel.evidence}\nThen ${evidence}`, "agent_gone");
}

/**
 * No progress for too long: the turn is cancelled and the session loaded again, once. Where the model fails, another
 * agent would have the same model: the turn is given up.
 */
export function turnStalled(draft: TaskDraft, reason: FailureReason): void {
  const evidence = "no update of the agent within the limit";
  if (draft.facts.interrupted) {
    interruptedTurnHangs(draft);
  } else if (draft.facts.modelTrouble !== null) {
    giveUpOnModel(draft, "deadline");
  } else {
    cancelTurn(draft);
    restartOr(draft, evidence, () => {
      deliverThenFail(draft, reason, evidence, "deadline");
    });
  }
}

/** The agent neither ended the turn that it was told to cancel, nor did its process end. It is given up as if it had. */
export function interruptedTurnHangs(draft: TaskDraft): void {
  const { agent } = draft.facts;
  if (agent !== null) draft.set({ agent: { ...agent, state: "gone" } });
  draft.note("The agent did not end the turn that you interrupted; another one takes its place.");
  endInterrupted(draft);
}

/** That its agent is gone is no failure of the turn: it was to end. */
function endInterrupted(draft: TaskDraft): void {
  interruptedTurnIsOver(draft, "you interrupted it; its agent ended with it");
  if (draft.facts.step === "running") startAgent(draft, 0);
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
