/** The audit of the last days, computed from what was written down where it arose, and from those who can still be asked. */
import { isId, type NodeId, type TaskId, type UserId } from "@sam/domain/ids";
import type { AuditView } from "@sam/protocol/audit-api";
import type { TransitionView } from "@sam/protocol/task-api";
import { and, eq, inArray } from "drizzle-orm";
import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";

import { nodesTable, tasksTable } from "../database/schema.ts";
import { outagesOf, type Env } from "../env.ts";
import { within } from "../lifecycle/deadline.ts";
import { viewOf } from "../node/node-list.ts";
import { report } from "../system/report.ts";
import { beatingStates } from "./audit-fact.ts";
import { logBeginsAt, readFacts, type ReadFact } from "./audit-log.ts";
import { lastScheduledAt } from "./audit-schedule.ts";
import { offWithin, sweepIntervalMs } from "./missed-sweeps.ts";
import { silentMs } from "./silence.ts";
import { unownedResources } from "./unowned.ts";

const dayMs = 24 * 60 * 60 * 1000;
const askTimeoutMs = 5_000;
const mostAsked = 100;

interface Audit {
  readonly env: Env;
  readonly database: DrizzleD1Database;
  readonly ownerId: UserId;
  readonly from: number;
  readonly now: number;
}

export async function auditOf(env: Env, ownerId: UserId, days: number, now: number): Promise<AuditView> {
  const database = drizzle(env.DB);
  const from = now - days * dayMs;
  const audit: Audit = { env, database, ownerId, from, now };
  const begins = await logBeginsAt(database);
  const since = begins === null ? null : Math.max(from, begins);
  const [tasks, unowned, repaired, silence, sweeps] = await Promise.all([
    stuckTasks(audit),
    unownedResources(env, ownerId, from),
    repairs(audit),
    silences(audit),
    missed(audit),
  ]);
  return {
    from,
    to: now,
    days,
    outages: outagesOf(env).filter((outage) => outage.to > from),
    stuck: { since, tasks },
    unowned,
    repaired: { since, ...repaired },
    silence: { since, ...silence },
    sweeps: { since, ...sweeps },
  };
}

async function stuckTasks({ env, database, ownerId, from, now }: Audit): Promise<AuditView["stuck"]["tasks"]> {
  const facts = await readFacts(database, "task_stuck", ownerId, from);
  const rows = await tasksOf(database, ownerId, facts);
  return Promise.all(
    facts.slice(0, mostAsked).flatMap(({ subjectId, detail }) => {
      const row = rows.get(subjectId);
      return row === undefined ? [] : [stuckTask(env, row, detail, now)];
    }),
  );
}

type TaskRow = typeof tasksTable.$inferSelect;

async function tasksOf(database: DrizzleD1Database, ownerId: UserId, facts: readonly ReadFact<"task_stuck">[]) {
  const taskIds = [...new Set(facts.map(({ subjectId }) => subjectId))]
    .filter((id): id is TaskId => isId("task", id))
    .slice(0, mostAsked);
  if (taskIds.length === 0) return new Map<string, TaskRow>();
  const own = and(eq(tasksTable.ownerId, ownerId), inArray(tasksTable.taskId, taskIds));
  const rows = await database.select().from(tasksTable).where(own);
  return new Map<string, TaskRow>(rows.map((row) => [row.taskId, row]));
}

/** When it went on, its own log of transitions says: the row tells of the newest one alone. */
async function stuckTask(env: Env, row: TaskRow, detail: ReadFact<"task_stuck">["detail"], now: number) {
  const { step, version, deadlineAt, did } = detail;
  const isStill = row.version === version;
  const until = isStill ? null : await leftAt(env, row, version);
  const lateMs = isStill ? now - deadlineAt : until === null ? null : Math.max(0, until - deadlineAt);
  return { taskId: row.taskId, title: row.title, step, deadlineAt, until, lateMs, did };
}

async function leftAt(env: Env, { taskId, version: newest, updatedAt }: TaskRow, version: number) {
  if (newest === version + 1) return updatedAt;
  try {
    const asked = env.TASK_RUNNER.getByName(taskId).transitions();
    const transitions = await within<TransitionView[] | null>(taskId, askTimeoutMs, asked);
    return transitions?.find((transition) => transition.version > version)?.at ?? null;
  } catch (error) {
    report(`audit: the transitions of ${taskId}`, error);
    return null;
  }
}

async function repairs({ database, ownerId, from }: Audit) {
  const facts = await readFacts(database, "messages_repaired", ownerId, from);
  const groups = Map.groupBy(facts, ({ subjectId, detail }) => `${detail.what} ${subjectId}`);
  const by = [...groups.values()].flatMap((own) => {
    const [newest] = own;
    if (newest === undefined) return [];
    const count = own.reduce((sum, { detail }) => sum + detail.count, 0);
    return [{ subjectId: newest.subjectId, what: newest.detail.what, count, lastAt: newest.at }];
  });
  const total = (what: string) => by.reduce((sum, one) => (one.what === what ? sum + one.count : sum), 0);
  return { sentAgain: total("sent_again"), deduplicated: total("deduplicated"), by };
}

type Span = AuditView["silence"]["spans"][number];

async function silences(audit: Audit): Promise<Pick<AuditView["silence"], "longestMs" | "spans">> {
  const facts = await readFacts(audit.database, "silence", audit.ownerId, audit.from);
  const past = facts.flatMap(({ subjectId, detail }): Span[] => {
    if (!isId("node", subjectId)) return [];
    const { from, to, explanation } = detail;
    const taskIds = detail.taskIds.filter((id): id is TaskId => isId("task", id));
    return [{ nodeId: subjectId, from, to, lastedMs: to - from, explanation, taskIds }];
  });
  const spans = [...past, ...(await presentSilences(audit))].toSorted((one, other) => other.lastedMs - one.lastedMs);
  const unexplained = spans.filter(({ explanation }) => explanation === null);
  return { longestMs: unexplained[0]?.lastedMs ?? 0, spans };
}

/** Nodes that should beat, and are silent now. */
async function presentSilences({ env, database, ownerId, now }: Audit): Promise<Span[]> {
  const standing = and(eq(nodesTable.ownerId, ownerId), inArray(nodesTable.state, [...beatingStates]));
  const rows = await database.select({ nodeId: nodesTable.nodeId }).from(nodesTable).where(standing).limit(mostAsked);
  const spans = await Promise.all(rows.map(({ nodeId }) => presentSilence(env, nodeId, now)));
  return spans.filter((span) => span !== null);
}

async function presentSilence(env: Env, nodeId: NodeId, now: number): Promise<Span | null> {
  const view = await viewOf(env, nodeId).catch(() => null);
  const from = view?.lastContactAt ?? null;
  if (view === null || from === null || !beatingStates.has(view.state) || now - from <= silentMs) return null;
  const isExplained = now - from - offWithin(from, now, outagesOf(env)) <= silentMs;
  const explanation = isExplained ? "the control plane was off" : null;
  return { nodeId, from, to: null, lastedMs: now - from, explanation, taskIds: view.claims };
}

/** The gaps between sweeps, with the one that goes on. */
async function missed({ env, database, ownerId, from, now }: Audit): Promise<Omit<AuditView["sweeps"], "since">> {
  const facts = await readFacts(database, "sweeps_missed", ownerId, from);
  const lastAt = await lastScheduledAt(database);
  const gaps = facts.map(({ detail }) => detail);
  const offMs = lastAt === null ? 0 : offWithin(lastAt, now, outagesOf(env));
  const sinceLast = lastAt === null ? 0 : Math.floor((now - lastAt - offMs) / sweepIntervalMs) - 1;
  if (lastAt !== null && sinceLast > 1) gaps.unshift({ from: lastAt, to: now, missed: sinceLast, outageMs: offMs });
  return { missed: gaps.reduce((sum, gap) => sum + gap.missed, 0), gaps, lastAt };
}
