/** The receipt of what a person answered or said: accepted, on the machine, read by the agent; each with its time. */
import type { ReplyView, TaskView } from "@sam/protocol/task-api";

import { plainLine } from "../terminal/plain-text.ts";
import type { Paint } from "../terminal/style.ts";
import { duration, timeOfDay } from "../terminal/times.ts";

interface Line {
  readonly word: string;
  readonly at: number | null;
}

/** @returns whether no further line can come. */
export function isWhole({ readAt, missed }: ReplyView): boolean {
  return readAt !== null || missed !== null;
}

function linesOf({ acceptedAt, onMachineAt, readAt }: ReplyView): readonly Line[] {
  return [
    { word: "accepted", at: acceptedAt },
    { word: "on the machine", at: onMachineAt },
    { word: "read by the agent", at: readAt },
  ];
}

/** The lines that have come, in their order. */
export function replyLines(reply: ReplyView, paint: Paint): readonly string[] {
  return linesOf(reply).flatMap(({ word, at }) =>
    at === null ? [] : [`${paint("grey", timeOfDay(at))} ${paint("green", "✓")} ${word}`],
  );
}

/** What has not come, since when, and why; null where all have. */
export function lackingText(reply: ReplyView, { release }: Pick<TaskView, "release">, nowMs: number): string | null {
  const next = linesOf(reply).find(({ at }) => at === null);
  if (next === undefined) return null;
  const { missed, turn, requestId } = reply;
  if (missed !== null) return `not ${next.word}, since ${timeOfDay(missed.at)}: ${plainLine(missed.why)}`;
  if (requestId === null && turn === null) {
    const isAway = release?.comesBack === true;
    return isAway ? "it is told when the task is back on a machine" : "it is told when the turn that runs has ended";
  }
  const before = linesOf(reply).findLast(({ at }) => at !== null);
  return `not ${next.word} yet, ${duration(nowMs - (before?.at ?? nowMs))} after it was ${before?.word ?? "sent"}`;
}
