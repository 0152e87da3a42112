/**
 * A turn is one thing that the user said, until the agent has answered it. An agent that had to be started again is
 * given it again under a new number, so that what its predecessor still says of the old one is void.
 */
import type { NodeTaskEvent } from "../node-task.ts";
import { carriedBy, toldIn } from "../reply.ts";
import type { TaskFacts, TurnFacts } from "../task-facts.ts";
import type { TaskDraft } from "./draft.ts";
import { callOwner } from "./waiting.ts";

/** The user said something. It is shown once, here, however often an agent has to be told. */
export function openTurn(draft: TaskDraft, text: string): void {
  const number = (draft.facts.turn?.number ?? 0) + 1;
  const own = text === draft.facts.request.prompt ? null : text;
  const { verdicts } = draft.facts;
  draft.set({
    turn: { number, running: true, text: own, given: false, heard: false, leftMs: null },
    verdicts: { ...verdicts, ended: null },
    interrupted: false,
    givenBefore: null,
    modelTrouble: null,
    replies: toldIn(draft.facts.replies, number),
  });
  draft.say("user", { kind: "prompt", turn: number, text });
}

/** Gives the turn to an agent whose session knows what came before it. */
export function giveTurn(draft: TaskDraft): void {
  const { request, turn } = draft.facts;
  give(draft, turn?.text ?? request.prompt, false);
}

/** Gives the turn to an agent whose session is new: it is told everything. */
export function giveFromTheStart(draft: TaskDraft): void {
  give(draft, fromTheStart(draft.facts), false);
}

/**
 * Gives the turn to an agent that was started again. A loaded session that is known to have the turn goes on with it;
 * one that may never have heard of it is told again, marked as a resumption; a new session is told everything.
 */
export function giveTurnAgain(draft: TaskDraft, loaded: boolean): void {
  const { turn, request } = draft.facts;
  if (turn === null) return;
  if (!loaded) {
    draft.note("The agent could not load its session again; a new one was opened and is told the task from the start.");
    giveFromTheStart(draft);
  } else if (!turn.given) {
    draft.note("The agent's session was loaded again.");
    giveTurn(draft);
  } else {
    draft.note("The agent's session was loaded again; it goes on with its turn.");
    give(draft, turn.heard ? "continue" : (turn.text ?? request.prompt), true);
  }
}

/** Tells an agent that was brought back what it was brought back for. @param loaded whether its session knows the rest. */
export function giveReturn(
  draft: TaskDraft,
  text: string,
  { loaded, summary }: { loaded: boolean; summary: string },
): void {
  const whole = [summary, text].filter((part) => part !== "").join("\n\n");
  give(draft, loaded ? text : whole, false);
}

/** What came before this task, what it was asked at first, and what it is asked now. */
function fromTheStart({ request, turn }: TaskFacts): string {
  const parts = [request.continues?.summary ?? null, request.prompt, turn?.text ?? null];
  return parts.filter((part) => part !== null).join("\n\n");
}

function give(draft: TaskDraft, text: string, resume: boolean): void {
  const { turn } = draft.facts;
  if (turn === null) return;
  const number = turn.given ? turn.number + 1 : turn.number;
  draft.set({ turn: { ...turn, number, given: true } });
  const commandId = draft.command({ type: "prompt", turn: number, text, resume });
  draft.set({ replies: carriedBy(draft.facts.replies, commandId) });
}

/** @returns the turn where this number is the one that the living agent works on; null: those words are void. */
export function currentTurn(draft: TaskDraft, number: number): TurnFacts | null {
  const { turn, agent } = draft.facts;
  const isCurrent = agent?.state === "ready" && turn !== null && turn.running && turn.given && turn.number === number;
  return isCurrent ? turn : null;
}

/** Tells the agent to stop; it answers with the end of its turn. An agent that was not given it has nothing to stop. */
export function cancelTurn(draft: TaskDraft): void {
  const { turn, agent } = draft.facts;
  if (agent?.state === "ready" && turn?.given === true) draft.command({ type: "cancel_turn", turn: turn.number });
}

export function agentUpdated(draft: TaskDraft, event: Extract<NodeTaskEvent, { type: "agent_update" }>): void {
  const turn = currentTurn(draft, event.turn);
  if (turn !== null && !turn.heard) draft.set({ turn: { ...turn, heard: true } });
  if (turn !== null && draft.facts.step === "running") draft.progress();
  draft.say("agent", { kind: "agent_update", turn: event.turn, update: event.update });
}

/** The turn waits for the user; its own time stands still meanwhile. */
export function pauseTurn(draft: TaskDraft, cause: string): void {
  const { turn, deadlineAt } = draft.facts;
  const leftMs = Math.max(0, (deadlineAt ?? draft.now) - draft.now);
  if (turn !== null) draft.set({ turn: { ...turn, leftMs } });
  draft.enter("awaiting_input", cause);
  callOwner(draft);
}

/** The turn goes on with what is left of its time: the limit of a turn is one in all. So does the watch over its model. */
export function resumeTurn(draft: TaskDraft, cause: string): void {
  const { turn, modelTrouble, clocks } = draft.facts;
  const leftMs = turn?.leftMs ?? draft.settings.turnMs;
  if (turn !== null) draft.set({ turn: { ...turn, leftMs: null } });
  if (modelTrouble !== null) {
    const waitedMs = Math.max(0, draft.now - Math.max(clocks.inStateSince, modelTrouble.since));
    draft.set({ modelTrouble: { ...modelTrouble, giveUpAt: modelTrouble.giveUpAt + waitedMs } });
  }
  draft.enter("running", cause, draft.now + leftMs);
}
