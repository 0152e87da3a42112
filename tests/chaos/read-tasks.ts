/** The record of every task, as the rules want it: from the API, D1, the runners' disks and those who followed it live. */
import type { TaskRecord, TaskRowRecord } from "@sam/domain/rules/task-record";
import { taskSteps } from "@sam/domain/task-lifecycle";
import type { Message } from "@sam/protocol/message";
import type { TaskView } from "@sam/protocol/task-api";
import { z } from "zod";

import { ApiError } from "../../apps/sam/src/client/api-error.ts";
import { readMessages } from "../system/support/conversation.ts";
import type { System } from "../system/support/system.ts";
import { rowsOfD1 } from "../system/support/template.ts";
import { stateOf } from "./follower.ts";
import { objectsOnDisk } from "./object-disks.ts";
import type { Charge } from "./people.ts";

/**
 * While a storm rages, the control plane itself may stand still for seconds, so that a deadline is looked at late. At rest
 * nothing is due any more, and the system's own record has no grace.
 */
const stormGraceMs = 20_000;

const rowSchema = z.object({
  task_id: z.string(),
  step: z.enum(taskSteps),
  version: z.number(),
  updated_at: z.number(),
  deadline_at: z.number().nullable(),
  colour: z.enum(["green", "amber", "red"]).nullable(),
  written_by: z.enum(["task_runner", "sweep"]),
});

export function readTaskRows(dataDirectory: string): readonly TaskRowRecord[] {
  return rowsOfD1(dataDirectory, "SELECT * FROM tasks").map((raw) => {
    const row = rowSchema.parse(raw);
    const { step, version, colour } = row;
    const times = { updatedAt: row.updated_at, deadlineAt: row.deadline_at };
    return { taskId: row.task_id, step, version, colour, ...times, writtenBy: row.written_by };
  });
}

export interface ReadTasks {
  readonly tasks: readonly TaskRecord[];
  /** What was said in each, by the task's id. */
  readonly conversations: ReadonlyMap<string, readonly Message[]>;
  /** Accepted, and not there. */
  readonly missing: readonly string[];
}

/** Of every task that has a row, whoever submitted it, and of those that were accepted and have none. */
export async function readTasks(system: System, charges: readonly Charge[]): Promise<ReadTasks> {
  const rows = new Map(readTaskRows(system.dataDirectory).map((row) => [row.taskId, row]));
  const objects = objectsOnDisk(system.dataDirectory, "TaskRunner");
  const followed = new Map(charges.map((charge) => [`${charge.taskId}`, charge]));
  const tasks: TaskRecord[] = [];
  const missing: string[] = [];
  const conversations = new Map<string, readonly Message[]>();
  for (const taskId of new Set([...rows.keys(), ...followed.keys()])) {
    const task = await knownTask(system, taskId);
    if (task === null) {
      missing.push(taskId);
      continue;
    }
    const [transitions, messages] = await Promise.all([
      system.api.transitions(taskId),
      readMessages(system.api, taskId),
    ]);
    conversations.set(taskId, messages);
    const charge = followed.get(taskId);
    const row = rows.get(taskId);
    const readAt = Date.now();
    tasks.push({
      taskId,
      readAt,
      graceMs: stormGraceMs,
      transitions,
      sights: [
        ...(charge?.follower.sights ?? []),
        { at: readAt, state: { ...stateOf(task), alarmAt: objects.get(taskId)?.alarmAt ?? null } },
      ],
      effects: objects.get(taskId)?.effects ?? [],
      messages,
      rowChanges: system.rowChanges(taskId).flatMap(({ version, step }) => {
        const known = taskSteps.find((one) => one === step);
        return known === undefined ? [] : [{ version, step: known }];
      }),
      ...(charge === undefined ? {} : { said: charge.said, followers: followersOf(charge) }),
      ...(row === undefined ? {} : { row }),
    });
  }
  return { tasks, conversations, missing };
}

/** @returns null where SAM says that there is no such task. */
async function knownTask({ api }: System, taskId: string): Promise<TaskView | null> {
  try {
    return await api.task(taskId);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

function followersOf({ follower: { seqs, error, hasLeft } }: Charge): NonNullable<TaskRecord["followers"]> {
  const ended = error === null ? "" : `, whose stream ended with ${error},`;
  return [{ who: `a follower${ended}`, seqs, hasLeft }];
}
