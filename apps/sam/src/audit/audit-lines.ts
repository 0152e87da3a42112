/** An audit as a person reads it. A figure that is not known for the whole span says since when it is. */
import type { AuditView } from "@sam/protocol/audit-api";

import { plainLine } from "../terminal/plain-text.ts";
import type { Paint } from "../terminal/style.ts";
import { dateAndTime, duration } from "../terminal/times.ts";

const mostShown = 10;

interface Figure {
  readonly since: number | null;
  readonly good: boolean;
  readonly text: string;
  readonly behind: readonly string[];
}

export function auditLines(audit: AuditView, paint: Paint): readonly string[] {
  const figures = [stuck(audit), unowned(audit), repaired(audit), silence(audit), sweeps(audit)];
  return [
    `The last ${audit.days} days, since ${dateAndTime(audit.from)}:`,
    ...figures.flatMap((figure) => figureLines(figure, audit.from, paint)),
    ...outageLines(audit),
  ];
}

function figureLines({ since, good, text, behind }: Figure, from: number, paint: Paint): string[] {
  if (since === null) return [`${paint("grey", "?")} ${text}: not recorded yet`];
  const extent = since > from ? paint("grey", ` (known since ${dateAndTime(since)})`) : "";
  const sign = good ? paint("green", "✓") : paint("amber", "▲");
  const more = behind.length - mostShown;
  return [
    `${sign} ${text}${extent}`,
    ...behind.slice(0, mostShown).map((line) => `    ${line}`),
    ...(more > 0 ? [`    and ${more} more (--json lists them)`] : []),
  ];
}

function stuck({ stuck: { since, tasks } }: AuditView): Figure {
  const longest = Math.max(0, ...tasks.map(({ lateMs }) => lateMs ?? 0));
  const text = `Tasks stuck past a deadline: ${tasks.length}${tasks.length === 0 ? "" : `, the longest for ${duration(longest)}`}`;
  const behind = tasks.map(({ taskId, step, deadlineAt, until, lateMs, did }) => {
    const late = lateMs === null ? "nobody can say how long" : duration(lateMs);
    const still = until === null && lateMs !== null ? ", and still is" : "";
    return `${taskId}  ${step}, due ${dateAndTime(deadlineAt)}, late by ${late}${still}; the sweep ${plainLine(did)}`;
  });
  return { since, good: tasks.length === 0, text, behind };
}

function unowned({ unowned: { since, resources } }: AuditView): Figure {
  const text = since === null ? "Unowned resources found" : `Unowned resources found: ${resources.length}`;
  const behind = resources.map(({ at, kind, subjectId, detail }) =>
    plainLine(`${dateAndTime(at)}  ${kind} ${subjectId}: ${detail}`),
  );
  return { since, good: resources.length === 0, text, behind };
}

/** A repair is what should happen; that there were some is no fault. */
function repaired({ repaired: { since, sentAgain, deduplicated, by } }: AuditView): Figure {
  const text = `Messages repaired: ${sentAgain + deduplicated} (${sentAgain} sent again, ${deduplicated} came twice and were passed over)`;
  const behind = by.map(({ subjectId, what, count, lastAt }) => {
    return `${subjectId}  ${count} ${what.replaceAll("_", " ")}, the last ${dateAndTime(lastAt)}`;
  });
  return { since, good: true, text, behind };
}

function silence({ silence: { since, longestMs, spans } }: AuditView): Figure {
  const longest = longestMs === 0 ? "none" : duration(longestMs);
  const behind = spans.map(({ nodeId, from, to, lastedMs, explanation, taskIds }) => {
    const why = explanation === null ? "nothing explains it" : plainLine(explanation);
    const on = taskIds.length === 0 ? "" : `, with ${taskIds.join(", ")}`;
    const still = to === null ? ", and still is" : "";
    return `${nodeId}${on}  silent for ${duration(lastedMs)} from ${dateAndTime(from)}${still}: ${why}`;
  });
  return { since, good: longestMs === 0, text: `Longest silence without an explanation: ${longest}`, behind };
}

function sweeps({ sweeps: { since, missed, gaps, lastAt } }: AuditView): Figure {
  const last = lastAt === null ? "none has run yet" : `the last ran ${dateAndTime(lastAt)}`;
  const behind = gaps.map(({ from, to, missed: own, outageMs }) => {
    const off = outageMs === 0 ? "" : `, ${duration(outageMs)} of it off`;
    return `${own} between ${dateAndTime(from)} and ${dateAndTime(to)}${off}`;
  });
  return { since, good: missed === 0, text: `Sweeps missed while SAM was on: ${missed}; ${last}`, behind };
}

function outageLines({ outages }: AuditView): string[] {
  if (outages.length === 0) return [];
  const total = outages.reduce((sum, { from, to }) => sum + to - from, 0);
  return [
    `· SAM was off ${outages.length === 1 ? "once" : `${outages.length} times`}, for ${duration(total)} in all; nothing could be missed then.`,
  ];
}
