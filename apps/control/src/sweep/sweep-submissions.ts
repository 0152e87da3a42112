/**
 * The sweep's part for submissions: a runner may have accepted a task, had its first row refused, and lost its alarm. No row
 * leads there but its submission's, so each one whose task has no row is held against the runner that was asked.
 */
import { submissionDecision, submissionsLookedAtAfterMs } from "@sam/domain/sweep";
import type { Finding, FindingKind } from "@sam/domain/sweep-finding";
import { and, asc, eq, exists, lte } from "drizzle-orm";

import { builtOnce, given } from "../database/built-once.ts";
import { submissionsTable, tasksTable } from "../database/schema.ts";
import { queryInRange, valuesOf, walkRows } from "./row-walk.ts";
import type { SweepContext, SweepPart } from "./sweep-part.ts";

type SubmissionRow = typeof submissionsTable.$inferSelect;

export const sweepSubmissions: SweepPart = async (context) => {
  const { now, log } = context;
  const { database } = context.world;
  const before = now - submissionsLookedAtAfterMs;
  // Mostly there is none, and nothing else is asked.
  const some = await anyDue(database).all({ before });
  if (some.length === 0) return;
  const { meta } = await forgetThoseWithRow(database).run({ before });
  log.look(meta.changes);
  await walkRows(context, {
    name: "submissions",
    due: (range) => dueInRange(database, range).all({ ...valuesOf(range), before }),
    placeOf: ({ at, taskId }) => ({ at, id: taskId }),
    visit: (row) => sweepSubmission(context, row),
    failed: (row, why) => findingOf(row, "not_swept", why),
  });
};

async function sweepSubmission({ world, now }: SweepContext, row: SubmissionRow): Promise<Finding | null> {
  const runner = world.task(row.taskId);
  const decision = submissionDecision(row, await runner.probe(), now, world.settings.sweepGraceMs);
  switch (decision.do) {
    case "leave":
      return null;
    case "forget":
      await forget(world.database).run({ taskId: row.taskId, at: row.at });
      return null;
    case "look_again":
      await runner.recover();
      return findingOf(row, "accepted_without_row", decision.why);
  }
}

const isDue = lte(submissionsTable.at, given("before"));

const anyDue = builtOnce((database) =>
  database.select({ taskId: submissionsTable.taskId }).from(submissionsTable).where(isDue).limit(1).prepare(),
);

const forgetThoseWithRow = builtOnce((database) => {
  const { taskId } = tasksTable;
  const row = database.select({ taskId }).from(tasksTable).where(eq(taskId, submissionsTable.taskId));
  return database
    .delete(submissionsTable)
    .where(and(isDue, exists(row)))
    .prepare();
});

const dueInRange = queryInRange(submissionsTable.at, submissionsTable.taskId, (database, range) =>
  database
    .select()
    .from(submissionsTable)
    .where(and(isDue, range))
    .orderBy(asc(submissionsTable.at), asc(submissionsTable.taskId))
    .limit(given("limit"))
    .prepare(),
);

/** One that was asked for again since is kept. */
const forget = builtOnce((database) => {
  const { taskId, at } = submissionsTable;
  return database
    .delete(submissionsTable)
    .where(and(eq(taskId, given("taskId")), eq(at, given("at"))))
    .prepare();
});

function findingOf({ taskId, ownerId }: SubmissionRow, kind: FindingKind, detail: string): Finding {
  return { kind, subjectId: taskId, ownerId, detail };
}
