/** The record of a TaskRunner: what it keeps of its own, and what it hands out for an export. */
import { quietTaskEvent, taskMomentOf, type TaskMoment } from "@sam/domain/record/task-moment";
import type { Settings } from "@sam/domain/settings";
import type { TaskEvent } from "@sam/domain/task-event";
import type { TaskFacts } from "@sam/domain/task-facts";
import type { taskEventSchema } from "@sam/protocol/lifecycle-event";
import type { DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";
import type { z } from "zod";

import type { TransitionRow } from "../lifecycle/lifecycle-store.ts";
import { RecordLog } from "./record-log.ts";
import { readEffects, readRecord } from "./record-reader.ts";

export type TaskRecordLog = RecordLog<TaskFacts, TaskEvent, TaskMoment>;

export function taskRecordLog(database: DrizzleSqliteDODatabase, settings: Settings): TaskRecordLog {
  return new RecordLog(database, { momentOf: taskMomentOf, quietOf: quietTaskEvent, kept, settings });
}

/** A kind of event without a schema does not compile. An update of the agent is a message of the conversation, and nothing is decided by its words. */
function kept(event: TaskEvent): { readonly type: z.input<typeof taskEventSchema>["type"] } {
  if (event.type !== "vm_agent" || event.event.type !== "agent_update") return event;
  const short = { ...event, event: { ...event.event, update: {} } };
  return short;
}

/** @returns JSON of an `ExportedRunner`. */
export function exportTask(
  database: DrizzleSqliteDODatabase,
  { request, ...facts }: TaskFacts,
  transitions: readonly TransitionRow[],
  alarmAt: number | null,
): string {
  const [record, effects] = [readRecord(database), readEffects(database)];
  return JSON.stringify({ request, facts, record, transitions, effects, alarmAt });
}
