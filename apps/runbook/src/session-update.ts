/**
 * A session update is what a client sees of a session: messages, the plan, and one tool call for each time that a block is
 * run. A run shown live and the same run shown again after `session/load` go through the same functions and carry the
 * same ids.
 */
import type { SessionUpdate, ToolCallContent } from "@agentclientprotocol/sdk";

import type { BlockEnded } from "./journal-record.ts";
import { titleOf, type Block } from "./runbook.ts";
import type { Run } from "./session-state.ts";

/** Where a plan entry says more than ACP's three states can: "failed", "cancelled", "interrupted" and so on. */
export const PLAN_STATUS_META = "sam.dev/status";

/** A block of a run, tried for the n-th time. */
export interface BlockAttempt {
  readonly runNumber: number;
  readonly block: Block;
  readonly attempt: number;
}

export function toolCallIdOf({ runNumber, block, attempt }: BlockAttempt): string {
  return `run-${runNumber}-block-${block.index + 1}-try-${attempt}`;
}

export function agentMessage(messageId: string, text: string): SessionUpdate {
  return { sessionUpdate: "agent_message_chunk", messageId, content: { type: "text", text } };
}

export function userMessage(text: string): SessionUpdate {
  return { sessionUpdate: "user_message_chunk", content: { type: "text", text } };
}

export function pendingCall(one: BlockAttempt): Extract<SessionUpdate, { sessionUpdate: "tool_call" }> {
  return {
    sessionUpdate: "tool_call",
    toolCallId: toolCallIdOf(one),
    title: titleOf(one.block),
    kind: "execute",
    status: "pending",
    rawInput: { command: one.block.script },
  };
}

export function runningCall(one: BlockAttempt, output: string): SessionUpdate {
  return {
    sessionUpdate: "tool_call_update",
    toolCallId: toolCallIdOf(one),
    status: "in_progress",
    ...(output === "" ? {} : { content: outputContent(output) }),
  };
}

export function endedCall(one: BlockAttempt, ended: BlockEnded): SessionUpdate {
  return { sessionUpdate: "tool_call_update", toolCallId: toolCallIdOf(one), ...endOfCall(ended) };
}

/** The whole call in one update, for a session that is loaded again. */
export function replayedCall(one: BlockAttempt, ended: BlockEnded): SessionUpdate {
  return { ...pendingCall(one), ...endOfCall(ended) };
}

/** `active` is the block that runs now; `ended` says how the last block that did not complete ended. */
export function planOf(
  run: Run,
  active: number | undefined,
  ended?: Pick<BlockEnded, "index" | "outcome">,
): SessionUpdate {
  return {
    sessionUpdate: "plan",
    entries: run.blocks.map((block) => ({
      content: titleOf(block),
      priority: "medium",
      status: block.index < run.completed ? "completed" : block.index === active ? "in_progress" : "pending",
      ...(block.index === ended?.index && ended.outcome !== "completed"
        ? { _meta: { [PLAN_STATUS_META]: ended.outcome } }
        : {}),
    })),
  };
}

function endOfCall({ outcome, exitCode, signal, durationMs, output }: BlockEnded): {
  status: "completed" | "failed";
  content: ToolCallContent[];
  rawOutput: unknown;
} {
  return {
    status: outcome === "completed" ? "completed" : "failed",
    content: outputContent(output),
    rawOutput: { outcome, exitCode, signal, durationMs },
  };
}

function outputContent(text: string): ToolCallContent[] {
  return text === "" ? [] : [{ type: "content", content: { type: "text", text } }];
}
