/**
 * The result of a turn is what the answer to `session/prompt` says of it by structure, under `_meta["sam.dev/runbook"]`:
 * ACP has no stop reason for "a command failed", so the stop reason is `end_turn` and the failure stands here.
 */
import type { PromptResponse } from "@agentclientprotocol/sdk";

import type { TreeProcess } from "./process-tree.ts";

export const RESULT_META = "sam.dev/runbook";

/**
 * Why a turn stopped before its last block: the block's exit code; a signal; it could not be started; it was not allowed;
 * the session's record could not be written; or the prompt was refused (the last three) and nothing of it was run.
 */
export type FailureReason =
  | "exit_code"
  | "signal"
  | "not_started"
  | "rejected"
  | "state_unwritable"
  | "unclosed_fence"
  | "nul_byte"
  | "too_large";

export interface Failure {
  /** The block that did not complete; the first is 0. */
  readonly index: number;
  /** Null unless `reason` is `exit_code`. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly reason: FailureReason;
}

export interface RunbookResult {
  /** Blocks in the run. 0: there was nothing to run. */
  readonly blocks: number;
  /** Blocks of the run that have completed, in this turn or before it. */
  readonly completed: number;
  readonly failed?: Failure;
  /** Processes of the session that run on after the turn; they are ended with the session. */
  readonly leftRunning?: readonly { readonly pid: number; readonly command: string }[];
}

/** The answer to a prompt that was carried out; of a turn that was cancelled, the session changes the stop reason. */
export function promptResponse(
  result: Omit<RunbookResult, "leftRunning">,
  leftRunning: readonly TreeProcess[] = [],
): PromptResponse {
  const left = leftRunning.map(({ pid, command }) => ({ pid, command }));
  const meta: RunbookResult = { ...result, ...(left.length === 0 ? {} : { leftRunning: left }) };
  return { stopReason: "end_turn", _meta: { [RESULT_META]: meta } };
}
