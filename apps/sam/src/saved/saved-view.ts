/** Saved work in words: how much it is, where it lies, since when, and how it is had again. */
import { staysUntil } from "@sam/domain/saved-work";
import type { SavedWorkRow, SavedWorkView } from "@sam/protocol/saved-work-api";

import { plainLine } from "../terminal/plain-text.ts";
import type { Colour, Paint } from "../terminal/style.ts";
import { ago, duration } from "../terminal/times.ts";

/** What is told of it. */
type Told = Pick<
  SavedWorkView,
  "place" | "placedAt" | "ref" | "nodeId" | "whyNotPushed" | "forget" | "summary" | "leftOut" | "isKept" | "fetchLine"
>;

/** @returns the place, and what follows from it, in one sentence. */
export function placeText(work: Told, nowMs: number): string {
  const since = ago(work.placedAt, nowMs);
  switch (work.place) {
    case "remote":
      return `at the remote as ${work.ref}, put there ${since}`;
    case "mirror":
      return `on ${work.nodeId} alone, put there ${since}; not pushed: ${plainLine(work.whyNotPushed ?? "it was not pushed")}`;
    case "lost":
      return `lost with ${work.nodeId}, ${since}`;
    case "removed":
      return `removed ${since}: ${plainLine(work.forget?.detail ?? "nobody needs it any more")}`;
  }
}

/** The lines of one saved work below the line that names its task. */
export function savedLines(work: Told, taskId: string, nowMs: number): readonly string[] {
  const { leftOut, forget, fetchLine, isKept } = work;
  const lines = [`  saved     ${plainLine(work.summary)}`, `  where     ${placeText(work, nowMs)}`];
  if (leftOut.length > 0) {
    lines.push(`  left out  repositories of their own: ${leftOut.map(plainLine).join(", ")}`);
  }
  if (forget !== null && work.place !== "removed") lines.push(`  goes      ${forgetText(work, nowMs)}`);
  if (isKept) lines.push(`  back      sam say ${taskId} "…" brings it back`);
  if (fetchLine !== null) lines.push(`  by hand   ${fetchLine}`);
  return lines;
}

function forgetText(work: Told, nowMs: number): string {
  const { forget } = work;
  if (forget === null) return "";
  const why = `${forget.cause === "continued" ? "it was delivered" : "you discarded it"} ${ago(forget.askedAt, nowMs)}`;
  const until = staysUntil(work, nowMs);
  if (until !== null) return `in ${duration(until - nowMs)}: ${why}`;
  const lastTry = forget.detail === null ? "" : `; the last try: ${plainLine(forget.detail)}`;
  const who = work.place === "mirror" ? work.nodeId : "a machine of yours that is connected";
  return `when ${who} has removed it: ${why}${lastTry}`;
}

const signs: Readonly<Record<SavedWorkView["place"], readonly [sign: string, colour: Colour]>> = {
  remote: ["✓", "green"],
  mirror: ["▲", "amber"],
  lost: ["✗", "red"],
  removed: ["–", "grey"],
};

export function savedRowLines(row: SavedWorkRow, paint: Paint, nowMs: number): readonly string[] {
  const [sign, colour] = signs[row.savedWork.place];
  return [
    `${paint(colour, sign)} ${row.taskId}  ${plainLine(row.title)}`,
    `  of        ${plainLine(row.repositoryUrl)}`,
    ...savedLines(row.savedWork, row.taskId, nowMs),
  ];
}
