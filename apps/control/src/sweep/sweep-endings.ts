/**
 * The sweep's parts for what has ended: a task or a node may owe an effect after its end, and the platform may have given
 * its alarm up. Each row is held against its owner, few of them a sweep, since each look wakes an object that sleeps for good.
 */
import { endingDecision, endingsLookedAtMs, type EndedRow } from "@sam/domain/sweep";
import type { Finding, FindingKind } from "@sam/domain/sweep-finding";
import { finalSteps } from "@sam/domain/task-lifecycle";
import { and, asc, eq, gt, inArray, isNull, lte, sql, type SQL } from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";

import { given } from "../database/built-once.ts";
import { nodesTable, tasksTable } from "../database/schema.ts";
import { queryInRange, valuesOf, walkRows, type Range } from "./row-walk.ts";
import type { SweepContext, SweepPart } from "./sweep-part.ts";
import type { RowOwner } from "./sweep-world.ts";

/** Rows of each part that one sweep visits at most. */
export const endingsPerSweep = 20;

type TaskRow = typeof tasksTable.$inferSelect;
type NodeRow = typeof nodesTable.$inferSelect;

export const sweepEndedTasks: SweepPart = (context) =>
  walkRows(context, {
    name: "ended tasks",
    atMost: endingsPerSweep,
    due: (range) => endedTasks(context, range),
    placeOf: ({ updatedAt, taskId }) => ({ at: updatedAt, id: taskId }),
    visit: async (row) => {
      const ended = { isEndedBySweep: row.writtenBy === "sweep" };
      const why = await seeTo(context, context.world.task(row.taskId), ended);
      return why === null ? null : findingOf(row.taskId, row, "owed_after_end", why);
    },
    failed: (row, why) => findingOf(row.taskId, row, "not_swept", why),
  });

export const sweepEndedNodes: SweepPart = (context) =>
  walkRows(context, {
    name: "ended nodes",
    atMost: endingsPerSweep,
    due: (range) => endedNodes(context, range),
    placeOf: ({ updatedAt, nodeId }) => ({ at: updatedAt, id: nodeId }),
    visit: async (row) => {
      const why = await seeTo(context, context.world.node(row.nodeId), { isEndedBySweep: false });
      return why === null ? null : findingOf(row.nodeId, row, "owed_after_end", why);
    },
    failed: (row, why) => findingOf(row.nodeId, row, "not_swept", why),
  });

/** @returns why it was told to look; null where it owes nothing, or its alarm stands behind that. */
async function seeTo({ world, now }: SweepContext, owner: RowOwner, row: EndedRow): Promise<string | null> {
  const decision = endingDecision(row, await owner.probe(), now, world.settings.sweepGraceMs);
  switch (decision.do) {
    case "leave":
      return null;
    case "look_again":
      await owner.recover();
      return decision.why;
    case "report_bug":
      throw new Error(decision.why);
  }
}

const tasksInRange = queryInRange(tasksTable.updatedAt, tasksTable.taskId, (database, range) => {
  const { updatedAt, taskId, deadlineAt, step } = tasksTable;
  const isFinal = inArray(notByIndex(step), [...finalSteps]);
  return database
    .select()
    .from(tasksTable)
    .where(and(isFinal, isNull(deadlineAt), endedLately(updatedAt), range))
    .orderBy(asc(updatedAt), asc(taskId))
    .limit(given("limit"))
    .prepare();
});

function endedTasks(context: SweepContext, range: Range): Promise<readonly TaskRow[]> {
  return tasksInRange(context.world.database, range).all({ ...valuesOf(range), ...lately(context) });
}

const nodesInRange = queryInRange(nodesTable.updatedAt, nodesTable.nodeId, (database, range) => {
  const { updatedAt, nodeId, deadlineAt, state } = nodesTable;
  const isFinal = eq(notByIndex(state), "destroyed");
  return database
    .select()
    .from(nodesTable)
    .where(and(isFinal, isNull(deadlineAt), endedLately(updatedAt), range))
    .orderBy(asc(updatedAt), asc(nodeId))
    .limit(given("limit"))
    .prepare();
});

function endedNodes(context: SweepContext, range: Range): Promise<readonly NodeRow[]> {
  return nodesInRange(context.world.database, range).all({ ...valuesOf(range), ...lately(context) });
}

/** By the index of steps all that ever ended would be read, once a minute. */
function notByIndex(column: SQLiteColumn): SQL {
  return sql`+${column}`;
}

/** What ended a moment ago is still at it. */
function lately({ world, now }: SweepContext) {
  return { endedAfter: now - endingsLookedAtMs, endedBy: now - world.settings.sweepGraceMs };
}

function endedLately(updatedAt: SQLiteColumn): SQL | undefined {
  return and(gt(updatedAt, given("endedAfter")), lte(updatedAt, given("endedBy")));
}

function findingOf(
  subjectId: string,
  { ownerId }: Pick<TaskRow, "ownerId">,
  kind: FindingKind,
  detail: string,
): Finding {
  return { kind, subjectId, ownerId, detail };
}
