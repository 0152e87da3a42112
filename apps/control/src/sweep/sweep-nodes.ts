/** The sweep's part for nodes: rows past their deadline and grace, held against their NodeLifecycle. */
import { isFinalNodeState } from "@sam/domain/node-lifecycle";
import { sweepDecision, type OwnerSays } from "@sam/domain/sweep";
import { and, asc, lte, ne } from "drizzle-orm";

import { nodesTable } from "../database/schema.ts";
import { within } from "../lifecycle/deadline.ts";
import { freeReservation } from "../node/node-reservation.ts";
import { probeTimeoutMs, rowsPerRun, summarize, type SweepContext, type SweepPart } from "./sweep-part.ts";

type NodeRow = typeof nodesTable.$inferSelect;

export const sweepNodes: SweepPart = async (context) => {
  const { database, settings, now } = context;
  const rows = await database
    .select()
    .from(nodesTable)
    .where(and(ne(nodesTable.state, "destroyed"), lte(nodesTable.deadlineAt, now - settings.sweepGraceMs)))
    .orderBy(asc(nodesTable.deadlineAt))
    .limit(rowsPerRun);
  return summarize(await Promise.allSettled(rows.map((row) => sweepNode(context, row))));
};

/** A node without an alarm looks again: its own deadline then decides. A node that cannot be reached is a failed row. */
async function sweepNode({ env, database, settings, now }: SweepContext, row: NodeRow): Promise<boolean> {
  const lifecycle = env.NODE_LIFECYCLE.getByName(row.nodeId);
  const says = await within<OwnerSays>(row.nodeId, probeTimeoutMs, lifecycle.probe());
  const swept = { step: row.state, final: isFinalNodeState(row.state), deadlineAt: row.deadlineAt };
  const decision = sweepDecision(swept, says, now, settings.sweepGraceMs);
  switch (decision.do) {
    case "leave":
      return false;
    case "project_again":
      await within(row.nodeId, probeTimeoutMs, lifecycle.projectAgain());
      return true;
    case "set_alarm_again":
      await within(row.nodeId, probeTimeoutMs, lifecycle.recover());
      return true;
    case "fail_row":
      if (row.version > 0) throw new Error(`${row.nodeId}: ${decision.why}`);
      await freeReservation(database, row.nodeId, now);
      return true;
    case "report_bug":
      throw new Error(`${row.nodeId}: ${decision.why}`);
  }
}
