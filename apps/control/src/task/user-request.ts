/** What a user may ask of a task, and when. The TaskRunner asks here in the same breath in which it does it. */
import type { TaskId } from "@sam/domain/ids";
import type { UserEvent } from "@sam/domain/task-event";
import type { TaskFacts } from "@sam/domain/task-facts";
import { canCancel, isFinal } from "@sam/domain/task-lifecycle";
import {
  canDeliver,
  canDiscardSavedWork,
  canForce,
  canInterrupt,
  canSay,
  hasRoomFor,
  wasSaid,
} from "@sam/domain/user-may";
import { quoted } from "@sam/domain/visible-text";
import type { TaskView } from "@sam/protocol/task-api";

/** What is asked of a task that goes on; after its end, saying more begins another one. */
export type AskedEvent = Exclude<UserEvent, { type: "continued" }>;

export interface Refusal {
  readonly code: "not_allowed_now" | "invalid_input" | "conflict";
  readonly detail: string;
  readonly field: string | null;
}

export type AskOutcome =
  | { readonly done: true; readonly task: TaskView }
  | { readonly done: false; readonly refusal: Refusal };

/** What saying something more came to: it was said, or another task continues this one. */
export type SayOutcome =
  | AskOutcome
  | {
      readonly done: true;
      readonly continuedBy: TaskId;
      /** Whether it has begun by now; it will. */
      readonly begun: boolean;
    };

/** @returns why the task's state does not allow it; null where it does. Asking for a cancel again is allowed. */
export function refusalOf(facts: TaskFacts, event: AskedEvent): Refusal | null {
  switch (event.type) {
    case "cancel_requested": {
      const { step } = facts;
      if (canCancel(step) || step === "cancelling" || step === "cancelled") return null;
      return notNow(`The task has already ended: it is ${step}. Nothing was changed.`);
    }
    case "force_requested":
      // Asked again, since a reply was lost, it changes nothing.
      return canForce(facts) || facts.cancel?.forced !== undefined ? null : notForced(facts);
    case "discard_requested":
      return discardRefusal(facts);
    case "answered":
      return answerRefusal(facts, event.requestId, event.optionId);
    case "follow_up":
      return wasSaid(facts, event.key) ? null : sayRefusal(facts, event.text);
    case "interrupt_requested":
      // Asked again while the turn is being cancelled it changes nothing, like a cancel.
      return canInterrupt(facts) || (facts.interrupted && facts.turn?.running === true) ? null : noTurn(facts);
    case "deliver_requested":
      return canDeliver(facts) ? null : busy(facts);
  }
}

/** Exactly one task continues another: the first that asks. It may ask again, since a reply can be lost. */
export function continueRefusal({ continuedBy }: TaskFacts, by: TaskId): Refusal | null {
  if (continuedBy === null || continuedBy === by) return null;
  return notNow(`The task was continued by ${continuedBy}: say it there. Nothing was changed.`);
}

export function otherRequest(taskId: TaskId): Refusal {
  const detail = `taskId ${taskId} stands for another request. Draw a new one.`;
  return { code: "conflict", detail, field: "taskId" };
}

function sayRefusal(facts: TaskFacts, text: string): Refusal | null {
  switch (canSay(facts)) {
    case "next_turn":
      return null;
    case "waits_for_the_turn":
      return hasRoomFor(facts, text)
        ? null
        : notNow("What waits for the end of this turn is as long as one prompt may be. Nothing was changed.");
    case "continues":
    case null:
      return notNow(`The task takes no message now: it is ${facts.step}. Nothing was changed.`);
  }
}

function notForced({ step }: TaskFacts): Refusal {
  const what = isFinal(step)
    ? `has already ended: it is ${step}`
    : `is ${step}: cancel it first, and see what can't be proven`;
  return notNow(`The task ${what}. Nothing was changed.`);
}

function discardRefusal(facts: TaskFacts): Refusal | null {
  if (canDiscardSavedWork(facts)) return null;
  const { savedWork, step } = facts;
  if (savedWork === null) return notNow("The task has no saved work. Nothing was changed.");
  // Asked again, since a reply was lost, it changes nothing.
  if (savedWork.forget?.cause === "discarded") return null;
  const why = isFinal(step)
    ? `is ${savedWork.forget === null ? savedWork.place : "being removed already"}`
    : `may be needed yet: the task is ${step}`;
  return notNow(`The saved work ${why}. Nothing was changed.`);
}

function noTurn({ step }: TaskFacts): Refusal {
  return notNow(`No turn runs that could be interrupted: the task is ${step}. Nothing was changed.`);
}

function answerRefusal(facts: TaskFacts, requestId: string, optionId: string | null): Refusal | null {
  const { step, permission } = facts;
  if (step !== "awaiting_input" || permission?.requestId !== requestId) return notNow(notOpen(facts, requestId));
  const isOffered = optionId === null || permission.options.some((option) => option.optionId === optionId);
  if (isOffered) return null;
  return { code: "invalid_input", detail: "optionId is none of the options offered", field: "optionId" };
}

/** Where somebody was first, who that was, when, and what they said. */
function notOpen({ replies }: TaskFacts, requestId: string): string {
  const first = replies.find((reply) => reply.requestId === requestId);
  if (first === undefined) return "That question is not open (any more). Nothing was changed.";
  const answer = first.optionId === null ? "none of the options" : `the option ${quoted(first.optionId)}`;
  const at = new Date(first.acceptedAt).toISOString();
  return `That question was answered by ${first.by ?? "its owner"} at ${at}: ${answer}. Nothing was changed.`;
}

function busy({ step, permission }: TaskFacts): Refusal {
  const what = isFinal(step) ? "has ended" : permission === null ? "does not await you" : "awaits an answer first";
  return notNow(`The task ${what}: it is ${step}. Nothing was changed.`);
}

function notNow(detail: string): Refusal {
  return { code: "not_allowed_now", detail, field: null };
}
