/** The sweep's part for tasks: rows that are not final and past their deadline and grace, held against their runners. */
import { sweepDecision, type OwnerSays, type SweepDecision } from "@sam/domain/sweep";
import type { Finding, FindingKind } from "@sam/domain/sweep-finding";
import { isFinal, nonFinalSteps } from "@sam/domain/task-lifecycle";
import { and, asc, eq, inArray, lte } from "drizzle-orm";

import { stuckFact } from "../audit/audit-fact.ts";
import { noteFact } from "../audit/audit-log.ts";
import { given } from "../database/built-once.ts";
import { tasksTable } from "../database/schema.ts";
import { queryInRange, valuesOf, walkRows, type Range } from "./row-walk.ts";
import { countUnreachable, forgetUnreachable } from "./sweep-memory.ts";
import type { SweepContext, SweepPart } from "./sweep-part.ts";

type TaskRow = typeof tasksTable.$inferSelect;

export const sweepTasks: SweepPart = async (context) => {
  const reached: string[] = [];
  await walkRows(context, {
    name: "tasks",
    due: (range) => dueTasks(context, range),
    placeOf: ({ deadlineAt, taskId }) => ({ at: deadlineAt ?? 0, id: taskId }),
    visit: async (row) => {
      const says = await askRunner(context, row);
      if (says.kind !== "unreachable") reached.push(row.taskId);
      return sweepTask(context, row, says);
    },
    failed: (row, why) => finding(row, "not_swept", why),
  });
  // Its own memory is not what a sweep of runners that answer may fail on.
  await forgetUnreachable(context.world.database, reached).catch((error: unknown) => {
    context.world.report("the sweep's memory of who could not be reached", error);
  });
};

const due = queryInRange(tasksTable.deadlineAt, tasksTable.taskId, (database, range) =>
  database
    .select()
    .from(tasksTable)
    .where(and(inArray(tasksTable.step, [...nonFinalSteps]), lte(tasksTable.deadlineAt, given("before")), range))
    .orderBy(asc(tasksTable.deadlineAt), asc(tasksTable.taskId))
    .limit(given("limit"))
    .prepare(),
);

function dueTasks({ world, now }: SweepContext, range: Range): Promise<readonly TaskRow[]> {
  const { database, settings } = world;
  return due(database, range).all({ ...valuesOf(range), before: now - settings.sweepGraceMs });
}

async function sweepTask(context: SweepContext, row: TaskRow, says: OwnerSays): Promise<Finding | null> {
  const { world, now } = context;
  const swept = { step: row.step, final: isFinal(row.step), deadlineAt: row.deadlineAt };
  const decision = sweepDecision(swept, says, now, world.settings.sweepGraceMs);
  const runner = world.task(row.taskId);
  noteStuck(context, row, decision);
  switch (decision.do) {
    case "leave":
      if (says.kind === "unreachable") throw new Error(`not reached in ${says.sweepsInARow} sweeps in a row`);
      return null;
    case "project_again":
      await runner.projectAgain();
      return finding(row, "row_written_again", `the row was ${row.step}`);
    case "set_alarm_again":
      await runner.recover();
      return finding(row, "looked_again", `the row is ${row.step}`);
    case "fail_row":
      if (says.kind === "no_state") await releaseFor(context, row);
      await failRow(context, row);
      return finding(row, "row_failed", `the row was ${row.step}: ${decision.why}`);
    case "report_bug":
      throw new Error(decision.why);
  }
}

/**
 * Nobody was at work on it, and what the sweep does about that: the audit is told. A row that only lags behind its runner,
 * or whose runner has more time, is not stuck.
 */
function noteStuck({ world, now }: SweepContext, row: TaskRow, decision: SweepDecision): void {
  if (row.deadlineAt === null || (decision.do !== "set_alarm_again" && decision.do !== "fail_row")) return;
  const did = decision.do === "fail_row" ? `failed it: ${decision.why}` : "set its alarm again";
  noteFact(world.database, stuckFact(row, row.deadlineAt, did, now));
}

function finding({ taskId, ownerId }: TaskRow, kind: FindingKind, detail: string): Finding {
  return { kind, subjectId: taskId, ownerId, detail };
}

async function askRunner({ world, now }: SweepContext, row: TaskRow): Promise<OwnerSays> {
  try {
    return await world.task(row.taskId).probe();
  } catch (error) {
    world.report(`the sweep could not reach ${row.taskId}`, error);
    return { kind: "unreachable", sweepsInARow: await countUnreachable(world.database, row.taskId, now) };
  }
}

/** A runner without state lets nothing go any more, so its slot is let go for it, before its row is final. */
async function releaseFor({ world }: SweepContext, { nodeId, taskId }: TaskRow): Promise<void> {
  if (nodeId !== null) await world.node(nodeId).release(taskId);
}

/** The one exception to the rule that only the runner writes its row. The version guards against a race with it. */
async function failRow({ world, now }: SweepContext, row: TaskRow): Promise<void> {
  await world.database
    .update(tasksTable)
    .set({
      step: "failed",
      failureReason: "lost_runner",
      colour: "red",
      version: row.version + 1,
      updatedAt: now,
      deadlineAt: null,
      writtenBy: "sweep",
    })
    .where(and(eq(tasksTable.taskId, row.taskId), eq(tasksTable.version, row.version)))
    .run();
}
