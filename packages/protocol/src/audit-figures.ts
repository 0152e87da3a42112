/**
 * The figures of an audit in words, as the page and `sam audit` say them: what each comes to, since when it is known, and
 * who is behind it. How a time or a length is written is the reader's.
 */
import { isId, type NodeId, type TaskId } from "@sam/domain/ids";

import type { AuditView } from "./audit-api.ts";

/** One of those behind a figure. */
export interface Behind {
  readonly key: string;
  /** What it is about; null: it is about the sweep, or about something that is neither a task nor a node of ours. */
  readonly subject:
    | { readonly kind: "task"; readonly id: TaskId }
    | { readonly kind: "node"; readonly id: NodeId }
    | null;
  /** Such as a task's title; of others an id, or how many sweeps. */
  readonly name: string;
  readonly text: string;
}

export interface Figure {
  readonly name: string;
  readonly value: string;
  /** Whether it is as it should be; null: nobody has looked yet. */
  readonly isGood: boolean | null;
  readonly since: number | null;
  readonly behind: readonly Behind[];
}

export interface AuditWords {
  /** An exact time. @param at in milliseconds since 1970 */
  readonly time: (at: number) => string;
  readonly duration: (ms: number) => string;
}

export function auditFigures(audit: AuditView, words: AuditWords): readonly Figure[] {
  return [
    stuck(audit, words),
    unowned(audit, words),
    repaired(audit, words),
    silence(audit, words),
    sweeps(audit, words),
  ];
}

/** Since when all are known that are known at all; what of them is known for less long says so itself. */
export function commonSince(figures: readonly Figure[], from: number): number {
  const known = figures.flatMap(({ since }) => (since === null ? [] : [since]));
  return known.length === 0 ? from : Math.min(...known);
}

function figure(since: number | null, told: Omit<Figure, "since">): Figure {
  return since === null ? { ...told, value: "not recorded yet", isGood: null, since, behind: [] } : { ...told, since };
}

function stuck({ stuck: { since, tasks } }: AuditView, { time, duration }: AuditWords): Figure {
  const longest = Math.max(0, ...tasks.map(({ lateMs }) => lateMs ?? 0));
  const value = tasks.length === 0 ? "none" : `${tasks.length}, the longest for ${duration(longest)}`;
  const behind = tasks.map(({ taskId, title, step, deadlineAt, until, lateMs, did }): Behind => {
    const late = lateMs === null ? "for how long nobody can say" : `late by ${duration(lateMs)}`;
    const still = until === null && lateMs !== null ? ", and still is" : "";
    const text = `${step.replaceAll("_", " ")} was due ${time(deadlineAt)}, ${late}${still}. The sweep ${did}.`;
    return { key: `${taskId} ${deadlineAt}`, subject: { kind: "task", id: taskId }, name: title, text };
  });
  return figure(since, { name: "Tasks stuck past a deadline", value, isGood: tasks.length === 0, behind });
}

function unowned({ unowned: { since, resources } }: AuditView, { time }: AuditWords): Figure {
  const behind = resources.map(({ at, kind, subjectId, detail }): Behind => {
    const text = `${kind === "kept" ? "kept for what it alone holds" : kind}, found ${time(at)}: ${detail}.`;
    return { key: `${at} ${subjectId}`, subject: subjectOf(subjectId), name: subjectId, text };
  });
  const value = resources.length === 0 ? "none" : String(resources.length);
  return figure(since, { name: "Unowned resources found", value, isGood: resources.length === 0, behind });
}

/** That something was repaired is no fault: it is what should happen to what was cut. */
function repaired({ repaired: { since, sentAgain, deduplicated, by } }: AuditView, { time }: AuditWords): Figure {
  const total = sentAgain + deduplicated;
  const value =
    total === 0 ? "none" : `${total} (${sentAgain} sent again, ${deduplicated} came twice and were passed over)`;
  const behind = by.map(({ subjectId, what, count, lastAt }): Behind => {
    const how = what === "deduplicated" ? "came twice and passed over" : "sent again";
    const text = `${count} ${how}, the last ${time(lastAt)}.`;
    return { key: `${subjectId} ${what}`, subject: subjectOf(subjectId), name: subjectId, text };
  });
  return figure(since, { name: "Messages repaired", value, isGood: true, behind });
}

function silence({ silence: { since, longestMs, spans } }: AuditView, { time, duration }: AuditWords): Figure {
  const explained = spans.filter(({ explanation }) => explanation !== null).length;
  const others = explained === 0 ? "" : `; ${explained} explained`;
  const behind = spans.flatMap(({ nodeId, from, to, lastedMs, explanation, taskIds }): Behind[] => {
    const still = to === null ? ", and still is" : "";
    const why = explanation ?? "nothing on record explains it";
    const text = `silent for ${duration(lastedMs)} from ${time(from)}${still}: ${why}.`;
    const key = `${nodeId} ${from}`;
    const tasks = taskIds.map((id): Behind => {
      return { key: `${key} ${id}`, subject: { kind: "task", id }, name: id, text: `was on ${nodeId} then.` };
    });
    return [{ key, subject: { kind: "node", id: nodeId }, name: nodeId, text }, ...tasks];
  });
  const value = `${longestMs === 0 ? "none" : duration(longestMs)}${others}`;
  return figure(since, { name: "Longest silence without an explanation", value, isGood: longestMs === 0, behind });
}

function sweeps({ sweeps: { since, missed, gaps, lastAt } }: AuditView, { time, duration }: AuditWords): Figure {
  const last = lastAt === null ? "none has run yet" : `the last ran ${time(lastAt)}`;
  const behind = gaps.map(({ from, to, missed: own, outageMs }): Behind => {
    const off = outageMs === 0 ? "" : `, of which SAM was off for ${duration(outageMs)}`;
    const text = `between ${time(from)} and ${time(to)}${off}.`;
    return { key: `sweeps ${from}`, subject: null, name: `${own} missed`, text };
  });
  const value = `${missed === 0 ? "none" : missed}; ${last}`;
  return figure(since, { name: "Sweeps missed while SAM was on", value, isGood: missed === 0, behind });
}

function subjectOf(id: string): Behind["subject"] {
  if (isId("task", id)) return { kind: "task", id };
  return isId("node", id) ? { kind: "node", id } : null;
}
