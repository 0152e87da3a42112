/** The sweep's part for tasks: rows that are not final and past their deadline and grace, held against their runners. */
import { sweepDecision, type OwnerSays, type SweepDecision } from "@sam/domain/sweep";
import { finalSteps, isFinal } from "@sam/domain/task-lifecycle";
import { and, asc, eq, lte, notInArray } from "drizzle-orm";

import { stuckFact } from "../audit/audit-fact.ts";
import { noteFact } from "../audit/audit-log.ts";
import { tasksTable } from "../database/schema.ts";
import { within } from "../lifecycle/deadline.ts";
import { report } from "../system/report.ts";
import { countUnreachable, forgetUnreachable } from "./sweep-memory.ts";
import { probeTimeoutMs, rowsPerRun, summarize, type SweepContext, type SweepPart } from "./sweep-part.ts";

type TaskRow = typeof tasksTable.$inferSelect;

export const sweepTasks: SweepPart = async (context) => {
  const { database, settings, now } = context;
  const rows = await database
    .select()
    .from(tasksTable)
    .where(and(notInArray(tasksTable.step, [...finalSteps]), lte(tasksTable.deadlineAt, now - settings.sweepGraceMs)))
    .orderBy(asc(tasksTable.deadlineAt))
    .limit(rowsPerRun);
  return summarize(await Promise.allSettled(rows.map((row) => sweepTask(context, row))));
};

/** @returns whether something was done about the row. */
async function sweepTask(context: SweepContext, row: TaskRow): Promise<boolean> {
  const { env, settings, now } = context;
  const says = await askRunner(context, row);
  const swept = { step: row.step, final: isFinal(row.step), deadlineAt: row.deadlineAt };
  const decision = sweepDecision(swept, says, now, settings.sweepGraceMs);
  const runner = env.TASK_RUNNER.getByName(row.taskId);
  noteStuck(context, row, decision);
  switch (decision.do) {
    case "leave":
      return false;
    case "project_again":
      await within(row.taskId, probeTimeoutMs, runner.projectAgain());
      return true;
    case "set_alarm_again":
      await within(row.taskId, probeTimeoutMs, runner.recover());
      return true;
    case "fail_row":
      if (says.kind === "no_state") await releaseFor(context, row);
      await failRow(context, row);
      report(`the sweep failed ${row.taskId}`, decision.why);
      return true;
    case "report_bug":
      throw new Error(`${row.taskId}: ${decision.why}`);
  }
}

/**
 * Nobody was at work on it, and what the sweep does about that: the audit is told. A row that only lags behind its runner,
 * or whose runner has more time, is not stuck.
 */
function noteStuck({ database, now }: SweepContext, row: TaskRow, decision: SweepDecision): void {
  if (row.deadlineAt === null || (decision.do !== "set_alarm_again" && decision.do !== "fail_row")) return;
  const did = decision.do === "fail_row" ? `failed it: ${decision.why}` : "set its alarm again";
  noteFact(database, stuckFact(row, row.deadlineAt, did, now));
}

async function askRunner({ env, database }: SweepContext, row: TaskRow): Promise<OwnerSays> {
  try {
    const says = await within<OwnerSays>(row.taskId, probeTimeoutMs, env.TASK_RUNNER.getByName(row.taskId).probe());
    // Its own memory is not what a sweep of a runner that answers may fail on.
    await forgetUnreachable(database, row.taskId).catch((error: unknown) => {
      report(`the sweep's memory of ${row.taskId}`, error);
    });
    return says;
  } catch (error) {
    report(`the sweep could not reach ${row.taskId}`, error);
    return { kind: "unreachable", sweepsInARow: await countUnreachable(database, row.taskId) };
  }
}

/** A runner without state lets nothing go any more, so its slot is let go for it, before its row is final. */
async function releaseFor({ env }: SweepContext, { nodeId, taskId }: TaskRow): Promise<void> {
  if (nodeId !== null) await within(nodeId, probeTimeoutMs, env.NODE_LIFECYCLE.getByName(nodeId).release(taskId));
}

/** The one exception to the rule that only the runner writes its row. The version guards against a race with it. */
async function failRow({ database, now }: SweepContext, row: TaskRow): Promise<void> {
  await database
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
