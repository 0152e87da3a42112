/**
 * The agent's model in mid-turn. Agents hide its failures: some wait for ever, some end their turn as if all were well.
 * The node sees the calls themselves, so the turn is given up at a time that is known, and for the reason that is true.
 */
import { isLasting, type ModelCalls, type ModelFailure } from "../model-calls.ts";
import { describeModelFailure, failureByModel, modelGiveUpAt } from "../model-watch.ts";
import type { NodeTaskEvent } from "../node-task.ts";
import { deliverThenFail } from "./delivery.ts";
import type { TaskDraft } from "./draft.ts";
import { cancelTurn, currentTurn } from "./turn.ts";

type EventOf<Type extends NodeTaskEvent["type"]> = Extract<NodeTaskEvent, { type: Type }>;

/** The time counts from the first failure, whatever kind the later ones are of. */
export function modelFailing(draft: TaskDraft, { turn, failure }: EventOf<"model_failing">): void {
  const { step, modelTrouble: before } = draft.facts;
  if (currentTurn(draft, turn) === null || (step !== "running" && step !== "awaiting_input")) return;
  const isNews = before?.failure.kind !== failure.kind;
  noteFailure(draft, failure);
  const giveUpAt = modelGiveUpAt(draft.facts);
  if (isNews) draft.note(`${capitalized(describeModelFailure(failure))}. ${outlook(draft, failure, giveUpAt)}`);
  if (giveUpAt !== null && giveUpAt <= draft.now) giveUpOnModel(draft, "model_failing");
}

export function modelAnswering(draft: TaskDraft, { turn }: EventOf<"model_answering">): void {
  const { modelTrouble } = draft.facts;
  if (currentTurn(draft, turn) === null || modelTrouble === null) return;
  const seconds = Math.round((draft.now - modelTrouble.since) / 1_000);
  draft.note(`The model answers again, ${seconds} s after its first failure.`);
  draft.set({ modelTrouble: null });
}

/** The turn is over: what counts is how its last call ended. Where nobody saw the calls, what was known stays. */
export function modelCallsEnded(draft: TaskDraft, model: ModelCalls | null): void {
  if (model === null) return;
  if (model.lastFailure === null) draft.set({ modelTrouble: null });
  else noteFailure(draft, model.lastFailure);
}

/** The turn is cancelled, what there is is delivered, and the task fails for what its model did. */
export function giveUpOnModel(draft: TaskDraft, cause: string): void {
  const { modelTrouble } = draft.facts;
  if (modelTrouble === null) return;
  const { reason, evidence } = failureByModel(modelTrouble, draft.now);
  cancelTurn(draft);
  deliverThenFail(draft, reason, evidence, cause);
}

/** A lasting failure stays the one that is told: what comes after it is no better. */
function noteFailure(draft: TaskDraft, failure: ModelFailure): void {
  const { modelTrouble: before } = draft.facts;
  const limitMs = isLasting(failure.kind) ? 0 : draft.settings.modelFailingMs;
  const giveUpAt = Math.min(before?.giveUpAt ?? Number.POSITIVE_INFINITY, draft.now + limitMs);
  const told = before !== null && isLasting(before.failure.kind) ? before.failure : failure;
  draft.set({ modelTrouble: { since: before?.since ?? draft.now, failure: told, giveUpAt } });
}

function outlook(draft: TaskDraft, failure: ModelFailure, giveUpAt: number | null): string {
  if (giveUpAt === null) return "The time of its failures stands still while the task waits for you.";
  if (isLasting(failure.kind)) return "Trying again cannot help: the turn is given up.";
  const seconds = Math.max(0, Math.round((giveUpAt - draft.now) / 1_000));
  return `The agent may try again; where no call succeeds within ${seconds} s, the turn is given up.`;
}

function capitalized(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
