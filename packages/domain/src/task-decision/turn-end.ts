/**
 * The end of a turn, and what follows from it: what the user said meanwhile, the user's turn to speak, or the delivery.
 * That an agent stopped is not that it did what it was asked: the verdict says how it ended.
 */
import { describeModelFailure } from "../model-watch.ts";
import type { NodeTaskEvent } from "../node-task.ts";
import { missedInTurn } from "../reply.ts";
import { addUsage } from "../usage.ts";
import { type EndedVerdict, permissionRefused } from "../verdicts.ts";
import { quoted } from "../visible-text.ts";
import { deliver } from "./delivery.ts";
import type { TaskDraft } from "./draft.ts";
import { modelCallsEnded } from "./model.ts";
import { currentTurn, giveTurn, openTurn } from "./turn.ts";
import { callOwner } from "./waiting.ts";

type TurnEnded = Extract<NodeTaskEvent, { type: "turn_ended" }>;

export function turnEnded(draft: TaskDraft, event: TurnEnded): void {
  const { step, usage } = draft.facts;
  const turn = currentTurn(draft, event.turn);
  if (turn === null) return;
  const { stopReason, model } = event;
  const detail = reportedDetail(event);
  draft.closePermissions();
  draft.set({ turn: { ...turn, running: false }, replies: missedInTurn(draft.facts.replies, draft.now) });
  if (event.usage !== null) draft.set({ usage: addUsage(usage, event.usage) });
  draft.say("sam", { kind: "turn_ended", turn: turn.number, stopReason, detail, usage: event.usage, model });
  if (step !== "running" && step !== "awaiting_input") return;
  if (step === "running") draft.progress();
  modelCallsEnded(draft, model);
  draft.set({ verdicts: { ...draft.facts.verdicts, ended: endedVerdict(draft, event) } });
  goOn(draft);
}

/**
 * The user interrupted the turn, and no living agent is left to end it. The turn is over; another agent is started where
 * the user has said something already, or when they do.
 */
export function interruptedTurnIsOver(draft: TaskDraft, detail: string): void {
  const { turn, verdicts } = draft.facts;
  if (turn === null) return;
  draft.set({
    turn: { ...turn, running: false },
    replies: missedInTurn(draft.facts.replies, draft.now),
    verdicts: { ...verdicts, ended: { holds: true, stopReason: "cancelled", detail } },
  });
  goOn(draft);
}

/** An interrupted turn ended as its user wanted; another one that was cancelled did not. */
function endedVerdict(draft: TaskDraft, event: TurnEnded): EndedVerdict {
  const { stopReason, reportedFailure } = event;
  const { modelTrouble, interrupted } = draft.facts;
  const isEnd = stopReason === "end_turn" || (interrupted && stopReason === "cancelled");
  const holds = isEnd && reportedFailure === null && modelTrouble === null;
  if (stopReason === permissionRefused && reportedFailure === null && modelTrouble === null) {
    return { holds: false, stopReason, detail: "the agent ended its turn, since a permission was refused" };
  }
  const how = `${interrupted ? "you interrupted it; " : ""}the agent ended its turn (${stopReason})`;
  const ofModel = modelTrouble === null ? null : `${how} after ${describeModelFailure(modelTrouble.failure)}`;
  return { holds, stopReason, detail: reportedDetail(event) ?? ofModel ?? how };
}

/** Mostly in the agent's words, which stand in a sentence of SAM's. */
function reportedDetail({ reportedFailure }: TurnEnded): string | null {
  return reportedFailure === null ? null : quoted(reportedFailure);
}

function goOn(draft: TaskDraft): void {
  const { interrupted, waitingTexts, modelTrouble, request, step } = draft.facts;
  const isInTask = request.mode === "task" && !interrupted;
  if (waitingTexts.length > 0 && !(isInTask && modelTrouble !== null)) tellWhatWaits(draft);
  else if (isInTask) deliver(draft, "turn_ended");
  else if (step === "running") awaitWords(draft);
}

function awaitWords(draft: TaskDraft): void {
  draft.enter("awaiting_input", "turn_ended");
  callOwner(draft);
}

/** What the user said while the turn ran is told in one, in its order. */
function tellWhatWaits(draft: TaskDraft): void {
  const text = draft.facts.waitingTexts.join("\n\n");
  draft.set({ waitingTexts: [] });
  beginTurn(draft, text, "follow_up");
}

/** The next turn begins. An agent that is ready is told; another one has to be started, or is being started. */
export function beginTurn(draft: TaskDraft, text: string, cause: string): void {
  const { agent, step } = draft.facts;
  if (step === "running") draft.renew();
  else draft.enter("running", cause);
  openTurn(draft, text);
  if (agent !== null) draft.set({ agent: { ...agent, restarts: 0 } });
  if (agent?.state === "ready") giveTurn(draft);
}
