/** The steps that a task went through with their lengths, made from the log of its transitions. */
import { isFinal, type TaskStep } from "@sam/domain/task-lifecycle";
import type { TransitionView } from "@sam/protocol/task-api";

export interface Span {
  readonly version: number;
  readonly step: TaskStep;
  readonly cause: string;
  readonly since: number;
  /** Null while it goes on. */
  readonly until: number | null;
  /** How often the task was in this step before: a retry, or another turn. */
  readonly again: number;
}

export function spansOf(transitions: readonly TransitionView[]): readonly Span[] {
  const times = new Map<TaskStep, number>();
  return transitions.map(({ version, to, at, cause }, index) => {
    const again = times.get(to) ?? 0;
    times.set(to, again + 1);
    const next = transitions[index + 1]?.at ?? null;
    return { version, step: to, cause, since: at, until: isFinal(to) ? at : next, again };
  });
}

const shortestBar = 0.01;

/** @returns each span's part of the longest one, from a bar that is just seen to 1. */
export function sharesOf(spans: readonly Span[], now: number): readonly number[] {
  const lengths = spans.map(({ since, until }) => Math.max(0, (until ?? now) - since));
  const longest = Math.max(1, ...lengths);
  return lengths.map((length) => (length === 0 ? 0 : Math.max(shortestBar, length / longest)));
}
