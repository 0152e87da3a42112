/**
 * An audit fact is something that should not have been, and that SAM itself found: it is written down once, where it
 * arose, by whoever found it. What went as it should leaves none.
 */
import type { NodeId, TaskId, UserId } from "@sam/domain/ids";
import type { NodeState } from "@sam/domain/node-lifecycle";
import { taskSteps, type TaskStep } from "@sam/domain/task-lifecycle";
import { z } from "zod";

const instant = z.number().int();

/** The log begins: what was before is not known. Written by the first sweep. */
const beginsSchema = z.object({});
/** The sweep found a row past its deadline and grace, and its owner not at work on it. */
const stuckSchema = z.object({
  step: z.enum(taskSteps),
  version: z.number().int(),
  deadlineAt: instant,
  did: z.string(),
});
/** Reports of a VM agent came again and were passed over, or could not be stored and had to be sent again. */
const repairedSchema = z.object({ what: z.enum(["deduplicated", "sent_again"]), count: z.number().int().positive() });
/** Nothing was heard of a node that should beat. */
const silenceSchema = z.object({
  from: instant,
  to: instant,
  /** What explains it; null: nothing that is on record. */
  explanation: z.string().nullable(),
  taskIds: z.array(z.string()),
});
/** Between two sweeps lay more than there should be, outages of the whole control plane taken off. */
const sweepsMissedSchema = z.object({ from: instant, to: instant, outageMs: z.number(), missed: z.number().int() });

export const auditDetails = {
  log_begins: beginsSchema,
  task_stuck: stuckSchema,
  messages_repaired: repairedSchema,
  silence: silenceSchema,
  sweeps_missed: sweepsMissedSchema,
} as const;

export type AuditKind = keyof typeof auditDetails;
export type AuditDetail<Kind extends AuditKind> = z.infer<(typeof auditDetails)[Kind]>;

export interface AuditFact<Kind extends AuditKind = AuditKind> {
  readonly at: number;
  readonly kind: Kind;
  readonly ownerId: UserId | null;
  readonly subjectId: string;
  readonly mark: string;
  readonly detail: AuditDetail<Kind>;
}

export function stuckFact(
  row: { readonly taskId: TaskId; readonly ownerId: UserId; readonly step: TaskStep; readonly version: number },
  deadlineAt: number,
  did: string,
  at: number,
): AuditFact<"task_stuck"> {
  const { taskId, ownerId, step, version } = row;
  const detail = { step, version, deadlineAt, did };
  return { at, kind: "task_stuck", ownerId, subjectId: taskId, mark: String(version), detail };
}

/** @param key tells this repair from others of the same subject. */
export function repairedFact(
  subject: { readonly id: TaskId | NodeId; readonly ownerId: UserId },
  repair: AuditDetail<"messages_repaired">,
  key: string,
  at: number,
): AuditFact<"messages_repaired"> {
  const mark = `${repair.what} ${key}`;
  return { at, kind: "messages_repaired", ownerId: subject.ownerId, subjectId: subject.id, mark, detail: repair };
}

export function silenceFact(
  node: { readonly nodeId: NodeId; readonly ownerId: UserId },
  silence: AuditDetail<"silence">,
): AuditFact<"silence"> {
  const { nodeId, ownerId } = node;
  return { at: silence.to, kind: "silence", ownerId, subjectId: nodeId, mark: String(silence.from), detail: silence };
}

export function sweepsMissedFact(detail: AuditDetail<"sweeps_missed">): AuditFact<"sweeps_missed"> {
  const mark = String(detail.from);
  return { at: detail.to, kind: "sweeps_missed", ownerId: null, subjectId: "sweep", mark, detail };
}

/** In these states a VM agent beats; silence in others is expected. */
export const beatingStates: ReadonlySet<NodeState> = new Set(["ready", "warm", "draining"]);
