/**
 * What a task's state means, as one function for a row of the list and one for the full view: the same words and colours
 * on every page. A row knows only its step and its deadline; the view knows the three clocks.
 */
import { defaultSettings } from "@sam/domain/settings";
import type { TaskStep } from "@sam/domain/task-lifecycle";
import type { TaskRow, TaskView } from "@sam/protocol/task-api";
import { heartbeatIntervalMs, missedHeartbeats } from "@sam/protocol/version";

import type { Meaning, StatusFact } from "./meaning.ts";

/** Silence that is longer than missed heartbeats and a poll of the node together: nothing is heard any more. */
export const contactSilentMs = heartbeatIntervalMs * missedHeartbeats + 2 * defaultSettings.nodePollMs;

const finalMeaning: Record<"green" | "amber" | "red", Meaning> = { green: "done", amber: "yours", red: "failed" };

/** A step in words: the table's own name of it, as a person writes it. */
export function stepWord(step: TaskStep): string {
  return step === "awaiting_input" ? "awaits you" : step.replaceAll("_", " ");
}

/** @returns a reason of the closed list, as a person writes it. */
export function reasonWord(reason: string): string {
  return reason.replaceAll("_", " ");
}

/** The status of a row of the list, as D1 last knew it. */
export function statusOfRow(row: TaskRow, now: number): StatusFact {
  const { step, updatedAt: since } = row;
  switch (step) {
    case "completed":
      return {
        meaning: finalMeaning[row.colour ?? "amber"],
        word: row.colour === "green" ? "completed" : "completed, not proven",
        since,
      };
    case "failed":
      return {
        meaning: "failed",
        word: row.failureReason === null ? "failed" : `failed: ${reasonWord(row.failureReason)}`,
        since,
      };
    case "cancelled":
      return { meaning: "yours", word: "cancelled", since };
    default:
      return statusOfStep(step, since, row.deadlineAt, now);
  }
}

function statusOfStep(step: TaskStep, since: number, deadlineAt: number | null, now: number): StatusFact {
  if (deadlineAt !== null && now > deadlineAt + defaultSettings.sweepGraceMs) {
    return { meaning: "unknown", word: `${stepWord(step)}, nothing heard`, since: deadlineAt };
  }
  return { meaning: step === "awaiting_input" ? "yours" : "active", word: stepWord(step), since };
}

/** The status of a task as its runner tells it. */
export function statusOfTask(task: TaskView, now: number): StatusFact {
  const { step, clocks } = task;
  const since = clocks.inStateSince;
  if (step === "completed") return completedStatus(task);
  if (step === "failed") {
    return {
      meaning: "failed",
      word: task.failure === null ? "failed" : `failed: ${reasonWord(task.failure.reason)}`,
      since,
    };
  }
  if (step === "cancelled")
    return { meaning: "yours", word: task.unproven.length === 0 ? "cancelled" : "cancelled, not all proven", since };
  if (step === "awaiting_input") return { meaning: "yours", word: stepWord(step), since };
  const { lastContactAt } = clocks;
  if (lastContactAt !== null && now - lastContactAt > contactSilentMs) {
    return { meaning: "unknown", word: `${stepWord(step)}, nothing heard`, since: lastContactAt };
  }
  if (task.modelTrouble !== null) {
    return { meaning: "yours", word: `${stepWord(step)}, the model does not answer`, since: task.modelTrouble.since };
  }
  if (task.stalledSince !== null) {
    return { meaning: "yours", word: `${stepWord(step)}, no progress`, since: task.stalledSince };
  }
  return statusOfStep(step, since, task.deadlineAt, now);
}

/** Completed is green with all its evidence, and amber by the first verdict that is missing. */
function completedStatus(task: TaskView): StatusFact {
  const { ended, produced, checked, pushed } = task.verdicts;
  const since = task.clocks.inStateSince;
  const lacking = (word: string): StatusFact => ({ meaning: "yours", word: `completed, ${word}`, since });
  if (produced?.holds !== true) return lacking("nothing produced");
  if (ended?.holds !== true) return lacking("the turn did not end well");
  if (checked?.outcome === "failed") return lacking("the check failed");
  if (checked === null) return lacking("not checked");
  if (pushed?.holds !== true) return lacking("not pushed");
  return { meaning: "done", word: "completed", since };
}

/** Which part of an inbox-first list a task belongs to. */
export type TaskGroup = "yours" | "running" | "ended";

export function groupOf(step: TaskStep): TaskGroup {
  if (step === "awaiting_input") return "yours";
  return step === "completed" || step === "failed" || step === "cancelled" ? "ended" : "running";
}
