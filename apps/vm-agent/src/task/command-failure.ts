/** Why a command could not be carried out, as the control plane is told. Thrown by whoever carries it out. */
import type { FailureReason } from "@sam/domain/failure-reason";
import type { TaskId } from "@sam/domain/ids";
import type { NodeTaskEvent } from "@sam/domain/node-task";

import { clipTail } from "../clipped-text.ts";

type FailedEvent = Extract<NodeTaskEvent, { type: "command_failed" }>;

export class CommandFailure extends Error {
  readonly reason: FailureReason;
  readonly retryable: boolean;
  readonly verdicts: FailedEvent["verdicts"];
  readonly heldBy: TaskId | null;

  constructor(
    reason: FailureReason,
    evidence: string,
    more: Partial<Pick<FailedEvent, "retryable" | "verdicts" | "heldBy">> = {},
  ) {
    super(clipTail(evidence, 16_000));
    this.reason = reason;
    this.retryable = more.retryable ?? false;
    this.verdicts = more.verdicts ?? null;
    this.heldBy = more.heldBy ?? null;
  }
}
