/** The agent: its start, its turns, its end, and the one time that it is started again. */
import type { NodeTaskEvent } from "../node-task.ts";
import type { FailureReason } from "../failure-reason.ts";
import type { TaskDraft } from "./draft.ts";

const restartsAllowed = 1;

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
    loadSessionId: sessionId,
    incarnation,
  });
}

export function agentReady(draft: TaskDraft, event: EventOf<"agent_ready">): void {
  const { agent, step, turn, request } = draft.facts;
  if (agent === null || event.incarnation !== agent.incarnation || agent.state !== "starting") return;
  const { sessionId, canLoadSession } = event;
  draft.set({ agent: { ...agent, state: "ready", sessionId, canLoadSession } });
  if (step === "agent_session") {
    draft.set({ agent: { ...agent, state: "ready", sessionId, canLoadSession, restarts: 0 } });
    draft.enter("running", "agent_ready");
    draft.note(`${event.name} ${event.version} opened session ${sessionId}.`);
    prompt(draft, request.prompt, false);
  } else if (step === "running" && turn !== null) {
    draft.progress();
    draft.note(
      event.loaded
        ? "The agent's session was loaded again; it goes on with its turn."
        : "The agent could not load its session again; a new one was opened and is told the task from the start.",
    );
    prompt(draft, event.loaded ? "continue" : (turn.text ?? request.prompt), event.loaded);
  }
}

/** Opens the next turn. A resumed turn is not shown as words of the user, since the user said nothing. */
export function prompt(draft: TaskDraft, text: string, resume: boolean): void {
  const number = (draft.facts.turn?.number ?? 0) + 1;
  const said = text === draft.facts.request.prompt ? null : text;
  const opening = resume ? (draft.facts.turn?.text ?? null) : said;
  draft.set({ turn: { number, running: true, text: opening } });
  if (!resume) draft.say("user", { kind: "prompt", turn: number, text });
  draft.command({ type: "prompt", turn: number, text, resume });
}

export function turnEnded(draft: TaskDraft, event: EventOf<"turn_ended">): void {
  const { turn, step, request } = draft.facts;
  if (turn === null || !turn.running || event.turn !== turn.number) return;
  const holds = event.stopReason === "end_turn" && event.reportedFailure === null;
  draft.set({ turn: { ...turn, running: false }, permission: null });
  draft.say("sam", { kind: "turn_ended", turn: turn.number, stopReason: event.stopReason, detail: event.reportedFailure });
  if (step !== "running" && step !== "awaiting_input") return;
  const detail = event.reportedFailure ?? `the agent ended its turn (${event.stopReason})`;
  draft.set({ verdicts: { ...draft.facts.verdicts, ended: { holds, stopReason: event.stopReason, detail } } });
  if (request.mode === "conversation") {
    draft.enter("awaiting_input", "turn_ended");
  } else {
    deliver(draft, "turn_ended");
  }
}

/** The process ended, was killed, or its start failed. One restart with the session loaded again; then the end. */
export function agentGone(draft: TaskDraft, evidence: string): void {
  const { agent, step, turn } = draft.facts;
  if (agent === null) return;
  draft.set({ agent: { ...agent, state: "gone" }, permission: null });
  if (step === "agent_session") {
    restartOr(draft, () => draft.fail("agent_start_failed", evidence, "agent_gone"), evidence);
  } else if (step === "running" || (step === "awaiting_input" && turn?.running === true)) {
    if (step === "awaiting_input") draft.enter("running", "agent_gone");
    restartOr(draft, () => deliverThenFail(draft, "agent_exited", evidence, "agent_gone"), evidence);
  }
}

/** No progress for too long: the turn is cancelled and the session loaded again, once. */
export function turnStalled(draft: TaskDraft): void {
  const { turn } = draft.facts;
  const evidence = "no update of the agent within the limit";
  if (turn?.running === true) draft.command({ type: "cancel_turn", turn: turn.number });
  restartOr(draft, () => deliverThenFail(draft, "turn_stalled", evidence, "deadline"), evidence);
}

export function restartOr(draft: TaskDraft, giveUp: () => void, evidence: string): void {
  const restarts = draft.facts.agent?.restarts ?? 0;
  if (restarts >= restartsAllowed) {
    giveUp();
    return;
  }
  draft.note(`The agent is started again: ${evidence.trim().split("\n").at(-1) ?? ""}`);
  const row = draft.deadlines(draft.facts.step);
  // In agent_session a restart has the full time of the step again; a running turn keeps its eight hours.
  if (draft.facts.step === "agent_session") draft.set({ deadlineAt: row.deadlineAt });
  draft.set({ progressDeadlineAt: row.progressDeadlineAt, stallFlagAt: draft.stallFlag(draft.facts.step) });
  startAgent(draft, restarts + 1);
}

export function deliver(draft: TaskDraft, cause: string): void {
  draft.enter("delivery", cause);
  sendDelivery(draft);
}

/** Delivering is idempotent on the node, so a second command after a failed first one is safe. */
export function sendDelivery(draft: TaskDraft): void {
  const { branch, request, title } = draft.facts;
  draft.command({ type: "deliver", branch, commitMessage: title, checkCommand: request.checkCommand });
}

export function deliverThenFail(draft: TaskDraft, reason: FailureReason, evidence: string, cause: string): void {
  const stopReason = "none";
  draft.set({
    pendingFailure: { reason, evidence, at: draft.now },
    verdicts: { ...draft.facts.verdicts, ended: { holds: false, stopReason, detail: evidence.slice(0, 500) } },
  });
  if (draft.facts.turn !== null) draft.set({ turn: { ...draft.facts.turn, running: false } });
  deliver(draft, cause);
}
