/** How far a push has come, in words. */
import type { PushReceipt } from "@sam/protocol/push-api";

import type { Meaning } from "../status/meaning.ts";

type Progress = Pick<
  PushReceipt,
  "createdAt" | "tries" | "sentAt" | "status" | "problem" | "gaveUpAt" | "shownAt" | "clickedAt"
>;

/** Green only where the browser itself said that it was shown. */
export function pushWords(
  receipt: Progress,
  timeOf: (at: number) => string,
): { readonly meaning: Meaning; readonly parts: readonly string[] } {
  const { createdAt, tries, sentAt, status, problem, gaveUpAt, shownAt, clickedAt } = receipt;
  const why = problem === null ? "" : `: ${problem}`;
  if (sentAt === null && shownAt === null) {
    if (gaveUpAt !== null) return { meaning: "unknown", parts: [`not sent, given up ${timeOf(gaveUpAt)}${why}`] };
    const since = `not taken by the push service since ${timeOf(createdAt)}`;
    return { meaning: "active", parts: [`${since}, ${tries} ${tries === 1 ? "try" : "tries"}${why}`] };
  }
  const parts = [
    sentAt === null ? null : `sent to the push service ${timeOf(sentAt)}${status === null ? "" : ` (${status})`}`,
    shownAt === null ? "not shown yet, as far as the browser said" : `shown by the browser ${timeOf(shownAt)}`,
    clickedAt === null ? null : `pressed ${timeOf(clickedAt)}`,
  ];
  return { meaning: shownAt === null ? "active" : "done", parts: parts.filter((part) => part !== null) };
}
