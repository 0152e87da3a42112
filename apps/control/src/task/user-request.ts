/** What a user may ask of a task, and when. The TaskRunner asks here in the same breath in which it does it. */
import type { TaskEvent } from "@sam/domain/task-event";
import type { TaskFacts } from "@sam/domain/task-facts";
import { canCancel, isFinal } from "@sam/domain/task-lifecycle";
import type { TaskView } from "@sam/protocol/task-api";

export type UserEvent = Extract<
  TaskEvent,
  { type: "cancel_requested" | "answered" | "follow_up" | "deliver_requested" }
>;

export interface Refusal {
  readonly code: "not_allowed_now" | "invalid_input";
  readonly detail: string;
  readonly field: string | null;
}

export type AskOutcome =
  | { readonly done: true; readonly task: TaskView }
  | { readonly done: false; readonly refusal: Refusal };

/** @returns why the task's state does not allow it; null where it does. Asking for a cancel again is allowed. */
export function refusalOf(facts: TaskFacts, event: UserEvent): Refusal | null {
  switch (event.type) {
    case "cancel_requested": {
      const { step } = facts;
      if (canCancel(step) || step === "cancelling" || step === "cancelled") return null;
      return notNow(`The task has already ended: it is ${step}. Nothing was changed.`);
    }
    case "answered":
      return answerRefusal(facts, event.requestId, event.optionId);
    case "follow_up":
    case "deliver_requested":
      return facts.step === "awaiting_input" && facts.turn?.running !== true ? null : busy(facts);
  }
}

function answerRefusal({ step, permission }: TaskFacts, requestId: string, optionId: string | null): Refusal | null {
  if (step !== "awaiting_input" || permission?.requestId !== requestId) {
    return notNow("That question is not open (any more). Nothing was changed.");
  }
  const isOffered = optionId === null || permission.options.some((option) => option.optionId === optionId);
  if (isOffered) return null;
  return { code: "invalid_input", detail: "optionId is none of the options offered", field: "optionId" };
}

function busy({ step, permission }: TaskFacts): Refusal {
  const what = isFinal(step) ? "has ended" : permission === null ? "does not await you" : "awaits an answer first";
  return notNow(`The task ${what}: it is ${step}. Nothing was changed.`);
}

function notNow(detail: string): Refusal {
  return { code: "not_allowed_now", detail, field: null };
}
