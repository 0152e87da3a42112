/** The steps that a task went through, with how long each took. */
import { isFinal } from "@sam/domain/task-lifecycle";
import type { TaskView, TransitionView } from "@sam/protocol/task-api";

import { cut } from "../terminal/cells.ts";
import { plainLine } from "../terminal/plain-text.ts";
import type { Screen } from "../terminal/terminal.ts";
import { duration, timeOfDay } from "../terminal/times.ts";

const stepWidth = 26;
const barWidth = 20;

/** @returns a line for each step: when it began, how long it took (to scale), and what brought it about. */
export function timelineLines(
  transitions: readonly TransitionView[],
  task: TaskView,
  screen: Pick<Screen, "paint" | "width">,
  nowMs: number,
): readonly string[] {
  const endedAt = task.clocks.frozenAt ?? nowMs;
  const spans = transitions.map(({ at }, index) => Math.max(0, (transitions[index + 1]?.at ?? endedAt) - at));
  const longest = Math.max(1, ...spans);
  return transitions.map(({ to, at, cause }, index) => {
    const span = spans[index] ?? 0;
    const current = index === transitions.length - 1;
    const sign = current && !isFinal(to) ? screen.paint("blue", "●") : "│";
    const took = isFinal(to) ? "" : duration(span);
    const bar = isFinal(to) ? "" : "▪".repeat(Math.max(1, Math.round((span / longest) * barWidth)));
    const fixed = `${timeOfDay(at)} x ${to.padEnd(stepWidth)}${took.padEnd(10)}${bar.padEnd(barWidth + 1)}`;
    const room = Math.min(screen.width(), 120) - fixed.length - 1;
    const why = room < 10 ? "" : screen.paint("grey", cut(plainLine(cause), room));
    return `${screen.paint("grey", timeOfDay(at))} ${sign}${fixed.slice(timeOfDay(at).length + 2)}${why}`.trimEnd();
  });
}
