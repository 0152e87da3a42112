/** The figures of an audit, in words. One that is not known for the whole span says since when it is. */
import { isId, type TaskId } from "@sam/domain/ids";
import type { AuditView } from "@sam/protocol/audit-api";

import type { Meaning } from "../../status/meaning.ts";
import { stepWord } from "../../status/task-status.ts";
import { durationText, exactText } from "../../time/words.ts";

/** One of those behind a figure. */
export interface Behind {
  readonly key: string;
  /** The task to go to; null: it is a node or a sweep. */
  readonly taskId: TaskId | null;
  readonly isNode: boolean;
  readonly name: string;
  readonly text: string;
}

export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly meaning: Meaning;
  /** In words, for whoever does not see the colour. */
  readonly means: string;
  readonly since: number | null;
  readonly behind: readonly Behind[];
}

export function figuresOf(audit: AuditView): readonly Figure[] {
  return [stuck(audit), unowned(audit), repaired(audit), silence(audit), sweeps(audit)];
}

function figure(name: string, since: number | null, isGood: boolean, value: string, behind: readonly Behind[]): Figure {
  if (since === null) {
    return { name, value: "not recorded yet", meaning: "unknown", means: "nobody has looked yet", since, behind: [] };
  }
  return {
    name,
    value,
    meaning: isGood ? "done" : "yours",
    means: isGood ? "as it should be" : "look at it",
    since,
    behind,
  };
}

function stuck({ stuck: { since, tasks } }: AuditView): Figure {
  const longest = Math.max(0, ...tasks.map(({ lateMs }) => lateMs ?? 0));
  const value = tasks.length === 0 ? "none" : `${tasks.length}, the longest for ${durationText(longest)}`;
  const behind = tasks.map(({ taskId, title, step, deadlineAt, until, lateMs, did }): Behind => {
    const late = lateMs === null ? "for how long nobody can say" : `late by ${durationText(lateMs)}`;
    const still = until === null && lateMs !== null ? ", and still is" : "";
    const text = `${stepWord(step)} was due ${exactText(deadlineAt)}, ${late}${still}. The sweep ${did}.`;
    return { key: `${taskId} ${deadlineAt}`, taskId, isNode: false, name: title, text };
  });
  return figure("Tasks stuck past a deadline", since, tasks.length === 0, value, behind);
}

function unowned({ unowned: { since, resources } }: AuditView): Figure {
  const value = resources.length === 0 ? "none" : String(resources.length);
  const behind = resources.map(({ at, kind, subjectId, detail }): Behind => {
    return { key: `${at} ${subjectId}`, ...subjectOf(subjectId), text: `${kind}, found ${exactText(at)}: ${detail}` };
  });
  return figure("Unowned resources found", since, resources.length === 0, value, behind);
}

/** That something was repaired is no fault: it is what should happen to what was cut. */
function repaired({ repaired: { since, sentAgain, deduplicated, by } }: AuditView): Figure {
  const total = sentAgain + deduplicated;
  const value = total === 0 ? "none" : `${total}: ${sentAgain} sent again, ${deduplicated} passed over as known`;
  const behind = by.map(({ subjectId, what, count, lastAt }): Behind => {
    const text = `${count} ${what === "deduplicated" ? "passed over as known" : "sent again"}, the last ${exactText(lastAt)}`;
    return { key: `${subjectId} ${what}`, ...subjectOf(subjectId), text };
  });
  return figure("Messages repaired", since, true, value, behind);
}

function silence({ silence: { since, longestMs, spans } }: AuditView): Figure {
  const value = longestMs === 0 ? "none" : durationText(longestMs);
  const behind = spans.flatMap(({ nodeId, from, to, lastedMs, explanation, taskIds }): Behind[] => {
    const still = to === null ? ", and still is" : "";
    const text = `silent for ${durationText(lastedMs)} from ${exactText(from)}${still}: ${explanation ?? "nothing on record explains it"}`;
    const node: Behind = { key: `${nodeId} ${from}`, taskId: null, isNode: true, name: nodeId, text };
    const tasks = taskIds.map((taskId): Behind => {
      return { key: `${nodeId} ${from} ${taskId}`, taskId, isNode: false, name: taskId, text: `was on ${nodeId} then` };
    });
    return [node, ...tasks];
  });
  return figure("Longest silence without an explanation", since, longestMs === 0, value, behind);
}

function sweeps({ sweeps: { since, missed, gaps, lastAt } }: AuditView): Figure {
  const last = lastAt === null ? "" : `; the last ran ${exactText(lastAt)}`;
  const behind = gaps.map(({ from, to, missed: own, outageMs }): Behind => {
    const off = outageMs === 0 ? "" : `, of which SAM was off for ${durationText(outageMs)}`;
    const text = `between ${exactText(from)} and ${exactText(to)}${off}`;
    return { key: `sweeps ${from}`, taskId: null, isNode: false, name: `${own} missed`, text };
  });
  return figure(
    "Sweeps missed while SAM was on",
    since,
    missed === 0,
    `${missed === 0 ? "none" : missed}${last}`,
    behind,
  );
}

function subjectOf(id: string): Pick<Behind, "taskId" | "isNode" | "name"> {
  if (isId("task", id)) return { taskId: id, isNode: false, name: id };
  return { taskId: null, isNode: isId("node", id), name: id };
}
