/**
 * The record of a lifecycle object, as it leaves it: each event with the time it was decided at, what followed, and the
 * clocks and deadlines after it; and each effect that was asked for, with its tries and its outcome.
 */
import type { NodeFacts } from "@sam/domain/node-facts";
import { nodeStates } from "@sam/domain/node-lifecycle";
import type { NodeMoment } from "@sam/domain/record/node-moment";
import type { TaskMoment } from "@sam/domain/record/task-moment";
import type { StoredTaskFacts } from "@sam/domain/stored-facts";
import { taskSteps } from "@sam/domain/task-lifecycle";
import { z } from "zod";

import { nodeIdSchema, taskIdSchema } from "./ids.ts";
import { nodeEventSchema, taskEventSchema } from "./lifecycle-event.ts";

const instant = z.number().int();
const count = z.number().int().nonnegative();

const clocksSchema = z.object({
  inStateSince: instant,
  lastProgressAt: instant.nullable(),
  lastContactAt: instant.nullable(),
  frozenAt: instant.nullable(),
});

export const taskMomentSchema = z.object({
  step: z.enum(taskSteps),
  version: count,
  clocks: clocksSchema,
  deadlineAt: instant.nullable(),
  progressDeadlineAt: instant.nullable(),
  stallFlagAt: instant.nullable(),
  stalledSince: instant.nullable(),
  pollAt: instant.nullable(),
  retryAt: instant.nullable(),
  attempt: count,
  queuePlace: count.nullable(),
  progressMark: z.string().nullable(),
  nodeId: nodeIdSchema.nullable(),
  nodeMark: z.string().nullable(),
  nodeEventSeq: count,
  effectCount: count,
  outagesSeenUntil: instant,
  selecting: z.boolean(),
  savedRef: z.string().nullable(),
  modelTroubleSince: instant.nullable(),
  ended: z.object({ holds: z.boolean(), stopReason: z.string(), detail: z.string() }).nullable(),
  agent: z.object({ incarnation: count, state: z.string(), restarts: count }).nullable(),
  turn: z.object({ number: count, running: z.boolean(), given: z.boolean(), heard: z.boolean() }).nullable(),
}) satisfies z.ZodType<TaskMoment>;

export const nodeMomentSchema = z.object({
  state: z.enum(nodeStates),
  version: count,
  clocks: clocksSchema,
  deadlineAt: instant.nullable(),
  contactDeadlineAt: instant.nullable(),
  pollAt: instant.nullable(),
  serverId: z.string().nullable(),
  serverStatus: z.string().nullable(),
  claims: z.array(taskIdSchema),
  epoch: count,
  effectCount: count,
  outagesSeenUntil: instant,
  failure: z.string().nullable(),
}) satisfies z.ZodType<NodeMoment>;

export const lullSchema = z.object({
  kind: z.string(),
  count,
  firstAt: instant,
  lastAt: instant,
  turn: count.nullable(),
  firstSeq: count.nullable(),
  lastSeq: count.nullable(),
});

export const outcomeSchema = z.object({
  transitions: z.array(z.object({ version: count, from: z.string().nullable(), to: z.string(), cause: z.string() })),
  effects: z.array(z.object({ key: z.string(), kind: z.string() })),
  said: z.array(z.string()),
});

export const settingsSchema = z.record(z.string(), z.number().int().positive());

function entrySchema<Event extends z.ZodType, Moment extends z.ZodType, Stored extends z.ZodType>(
  event: Event,
  moment: Moment,
  stored: Stored,
) {
  return z.object({
    position: count,
    at: instant,
    type: z.string(),
    event: event.nullable(),
    notKept: z.string().nullable(),
    outcomeOf: z.number().int().nullable(),
    outcome: outcomeSchema,
    messages: z.tuple([count, count]).nullable(),
    after: moment,
    lulls: z.array(lullSchema),
    atLast: moment.nullable(),
    facts: stored.nullable(),
    settings: settingsSchema.nullable(),
  });
}

function recordSchema<Entry extends z.ZodType>(entry: Entry) {
  return z.object({
    /** Entries before these were dropped, since a record is bounded. */
    dropped: count,
    /** What began before there were records has none of its beginning. */
    beginsLate: z.boolean(),
    entries: z.array(entry),
  });
}

/**
 * Facts as some version stored them, without the request: whoever reads them makes them whole. Of a file that somebody
 * gave us only what everything rests on is looked at.
 */
function storedFacts<Facts>(head: z.ZodType) {
  return z.custom<Facts>().superRefine((value, context) => {
    const parsed = head.safeParse(value);
    for (const { path, message } of parsed.error?.issues ?? []) context.addIssue({ code: "custom", path, message });
  });
}

const factsHead = { version: count, clocks: clocksSchema, deadlineAt: instant.nullable(), effectCount: count };

export type StoredTask = Omit<StoredTaskFacts, "request">;
export type StoredNode = Omit<NodeFacts, "request">;
export const storedTaskSchema = storedFacts<StoredTask>(
  z.looseObject({ ...factsHead, step: z.enum(taskSteps), receipt: z.array(z.unknown()), verdicts: z.looseObject({}) }),
);
export const storedNodeSchema = storedFacts<StoredNode>(
  z.looseObject({ ...factsHead, state: z.enum(nodeStates), claims: z.array(taskIdSchema) }),
);

export const taskRecordSchema = recordSchema(entrySchema(taskEventSchema, taskMomentSchema, storedTaskSchema));
export const nodeRecordSchema = recordSchema(entrySchema(nodeEventSchema, nodeMomentSchema, storedNodeSchema));
export type TaskRecordView = z.infer<typeof taskRecordSchema>;
export type NodeRecordView = z.infer<typeof nodeRecordSchema>;

/** An effect: what was asked for, how often it was tried, and what came of it. */
export const recordedEffectSchema = z.object({
  /** The entries whose event is its outcome name it by this number. */
  id: count,
  key: z.string(),
  lane: z.string(),
  intent: z.looseObject({ kind: z.string() }),
  tries: count,
  doneAt: instant.nullable(),
  /** When it is tried next; null once it is done. */
  nextTryAt: instant.nullable(),
  /** What the last try that failed said. */
  lastError: z.string().nullable(),
  memo: z.string().nullable(),
});
export type RecordedEffect = z.infer<typeof recordedEffectSchema>;

/** A call of the provider and its reply. The same call with the same reply is counted, not repeated. */
export const providerCallSchema = z.object({
  at: instant,
  lastAt: instant,
  count,
  call: z.string(),
  /** What was asked, without what is given to the machine in confidence. */
  asked: z.unknown(),
  tookMs: z.number().nonnegative(),
  failed: z.boolean(),
  reply: z.unknown(),
});
export type ProviderCall = z.infer<typeof providerCallSchema>;
