/** An audit as a person reads it. A figure that is not known for the whole span says since when it is. */
import type { AuditView } from "@sam/protocol/audit-api";
import { auditFigures, type Behind, commonSince, type Figure } from "@sam/protocol/audit-figures";

import { plainLine } from "../terminal/plain-text.ts";
import type { Paint } from "../terminal/style.ts";
import { dateAndTime, duration } from "../terminal/times.ts";

const mostShown = 10;

export function auditLines(audit: AuditView, paint: Paint): readonly string[] {
  const figures = auditFigures(audit, { time: dateAndTime, duration });
  const since = commonSince(figures, audit.from);
  return [
    `The last ${audit.days} days, since ${dateAndTime(audit.from)}:`,
    ...figures.flatMap((figure) => figureLines(figure, since, paint)),
    ...(since > audit.from ? [`· Known since ${dateAndTime(since)}: the log is no older.`] : []),
    ...outageLines(audit),
  ];
}

function figureLines({ name, value, isGood, since, behind }: Figure, from: number, paint: Paint): string[] {
  const extent = since !== null && since > from ? paint("grey", ` (known since ${dateAndTime(since)})`) : "";
  const more = behind.length - mostShown;
  return [
    `${signOf(isGood, paint)} ${name}: ${value}${extent}`,
    ...behind.slice(0, mostShown).map((one) => `    ${behindLine(one)}`),
    ...(more > 0 ? [`    and ${more} more (--json lists them)`] : []),
  ];
}

function signOf(isGood: boolean | null, paint: Paint): string {
  if (isGood === null) return paint("grey", "?");
  return isGood ? paint("green", "✓") : paint("amber", "▲");
}

/** What it is about stands first, as other commands take it. */
function behindLine({ subject, name, text }: Behind): string {
  const title = subject === null || name === subject.id ? "" : ` (${plainLine(name)})`;
  return `${plainLine(subject?.id ?? name)}${title}  ${plainLine(text)}`;
}

function outageLines({ outages }: AuditView): string[] {
  if (outages.length === 0) return [];
  const total = outages.reduce((sum, { from, to }) => sum + to - from, 0);
  return [
    `· SAM was off ${outages.length === 1 ? "once" : `${outages.length} times`}, for ${duration(total)} in all; nothing could be missed then.`,
  ];
}
