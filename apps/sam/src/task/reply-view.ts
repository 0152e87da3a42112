/** The receipt of what a person answered or said, in lines: what has come with its time, and what lacks since when, and why. */
import { replyReceipt, waitsForItsTurn } from "@sam/domain/reply-receipt";
import type { ReplyView, TaskView } from "@sam/protocol/task-api";

import { plainLine } from "../terminal/plain-text.ts";
import type { Paint } from "../terminal/style.ts";
import { duration, timeOfDay } from "../terminal/times.ts";

/** The lines that have come, in their order. */
export function replyLines(reply: ReplyView, paint: Paint): readonly string[] {
  return replyReceipt(reply).lines.map(
    ({ word, at }) => `${paint("grey", timeOfDay(at))} ${paint("green", "✓")} ${word}`,
  );
}

/** What has not come, since when, and why; null where all have. */
export function lackingText(reply: ReplyView, { release }: Pick<TaskView, "release">, nowMs: number): string | null {
  if (waitsForItsTurn(reply)) {
    const isAway = release?.comesBack === true;
    return isAway ? "it is told when the task is back on a machine" : "it is told when the turn that runs has ended";
  }
  const { lines, lacking } = replyReceipt(reply);
  if (lacking === null) return null;
  const { word, since, why } = lacking;
  if (why !== null) return `not ${word}, since ${timeOfDay(since)}: ${plainLine(why)}`;
  return `not ${word} yet, ${duration(nowMs - since)} after it was ${lines.at(-1)?.word ?? "accepted"}`;
}
