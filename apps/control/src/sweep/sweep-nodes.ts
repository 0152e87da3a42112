/** The sweep's part for nodes: rows past their deadline and grace, held against their NodeLifecycle. */
import { isFinalNodeState } from "@sam/domain/node-lifecycle";
import { sweepDecision } from "@sam/domain/sweep";
import type { Finding, FindingKind } from "@sam/domain/sweep-finding";
import { and, asc, lte, ne } from "drizzle-orm";

import { given } from "../database/built-once.ts";
import { nodesTable } from "../database/schema.ts";
import { freeReservation } from "../node/node-reservation.ts";
import { queryInRange, valuesOf, walkRows, type Range } from "./row-walk.ts";
import type { SweepContext, SweepPart } from "./sweep-part.ts";

type NodeRow = typeof nodesTable.$inferSelect;

export const sweepNodes: SweepPart = (context) =>
  walkRows(context, {
    name: "nodes",
    due: (range) => dueNodes(context, range),
    placeOf: ({ deadlineAt, nodeId }) => ({ at: deadlineAt ?? 0, id: nodeId }),
    visit: (row) => sweepNode(context, row),
    failed: (row, why) => finding(row, "not_swept", why),
  });

const due = queryInRange(nodesTable.deadlineAt, nodesTable.nodeId, (database, range) =>
  database
    .select()
    .from(nodesTable)
    .where(and(ne(nodesTable.state, "destroyed"), lte(nodesTable.deadlineAt, given("before")), range))
    .orderBy(asc(nodesTable.deadlineAt), asc(nodesTable.nodeId))
    .limit(given("limit"))
    .prepare(),
);

function dueNodes({ world, now }: SweepContext, range: Range): Promise<readonly NodeRow[]> {
  const { database, settings } = world;
  return due(database, range).all({ ...valuesOf(range), before: now - settings.sweepGraceMs });
}

/** A node without an alarm looks again: its own deadline then decides. A node that cannot be reached is a failed row. */
async function sweepNode({ world, now }: SweepContext, row: NodeRow): Promise<Finding | null> {
  const { database, settings } = world;
  const lifecycle = world.node(row.nodeId);
  const says = await lifecycle.probe();
  const swept = { step: row.state, final: isFinalNodeState(row.state), deadlineAt: row.deadlineAt };
  const decision = sweepDecision(swept, says, now, settings.sweepGraceMs);
  switch (decision.do) {
    case "leave":
      return null;
    case "project_again":
      await lifecycle.projectAgain();
      return finding(row, "row_written_again", `the row was ${row.state}`);
    case "set_alarm_again":
      await lifecycle.recover();
      return finding(row, "looked_again", `the row is ${row.state}`);
    case "fail_row":
      if (row.version > 0) throw new Error(decision.why);
      await freeReservation(database, row.nodeId, now);
      return finding(row, "reservation_freed", decision.why);
    case "report_bug":
      throw new Error(decision.why);
  }
}

function finding({ nodeId, ownerId }: NodeRow, kind: FindingKind, detail: string): Finding {
  return { kind, subjectId: nodeId, ownerId, detail };
}
