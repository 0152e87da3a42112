/**
 * What a user may ask of a task now, beside a cancel and an answer. The API refuses by it, and the CLI and the page offer
 * by it, so that they cannot disagree.
 */
import { isAway } from "./return.ts";
import { isKept } from "./saved-work.ts";
import type { TaskFacts } from "./task-facts.ts";
import { isFinal } from "./task-lifecycle.ts";

/**
 * What saying something more does.
 * - `next_turn`: the agent is told at once.
 * - `waits_for_the_turn`: the agent is told when its turn ends, or once it is interrupted.
 * - `continues`: a new task begins that continues this one.
 */
export type SayEffect = "next_turn" | "waits_for_the_turn" | "continues";

/** @returns what saying something more does now; null where it is not allowed. */
export function canSay(facts: TaskFacts): SayEffect | null {
  if (isFinal(facts.step)) return facts.continuedBy === null ? "continues" : null;
  if (isAway(facts)) return facts.comesBackFor === null ? "next_turn" : null;
  if (awaitsWords(facts)) return "next_turn";
  return turnRuns(facts) ? "waits_for_the_turn" : null;
}

export function canInterrupt(facts: TaskFacts): boolean {
  return turnRuns(facts) && !facts.interrupted && !isAway(facts);
}

export function canDeliver(facts: TaskFacts): boolean {
  return awaitsWords(facts) && facts.comesBackFor === null;
}

/** A cancel that is under way may be ended without what it waits for. */
export function canForce({ step }: TaskFacts): boolean {
  return step === "cancelling";
}

/** What a task that goes on will bring back itself is not thrown away meanwhile. */
export function canDiscardSavedWork({ step, savedWork }: TaskFacts): boolean {
  return isFinal(step) && savedWork !== null && isKept(savedWork);
}

/** A turn is under way, even where it waits for an answer. */
function turnRuns({ step, turn }: TaskFacts): boolean {
  return (step === "running" || step === "awaiting_input") && turn?.running === true;
}

/** Between two turns: it waits for what the user says next. */
function awaitsWords({ step, turn }: TaskFacts): boolean {
  return step === "awaiting_input" && turn?.running !== true;
}

/** What waits for a turn is told in one, so together it is no longer than one prompt may be, in UTF-16 units. */
export const maxWaitingLength = 64 * 1024;

/** @returns whether one more text may wait for the end of the turn. */
export function hasRoomFor({ waitingTexts }: TaskFacts, text: string): boolean {
  return [...waitingTexts, text].join("\n\n").length <= maxWaitingLength;
}

/** @returns whether this was taken before: said again, because its reply was lost, it is not said twice. */
export function wasSaid({ saidKeys }: TaskFacts, key: string | null): boolean {
  return key !== null && saidKeys.includes(key);
}
