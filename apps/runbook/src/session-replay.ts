/**
 * The replay of a session is its journal told again as session updates, for a client that loads it. Each message and each
 * try of a block appears once, with the id that it had; a block that was cut off appears as failed.
 */
import type { SessionUpdate } from "@agentclientprotocol/sdk";

import type { BlockEnded, JournalRecord } from "./journal-record.ts";
import { applyRecord, emptyState, type Run } from "./session-state.ts";
import { agentMessage, planOf, replayedCall, userMessage } from "./session-update.ts";

export function replayOf(records: readonly JournalRecord[]): SessionUpdate[] {
  const updates: SessionUpdate[] = [];
  const state = emptyState();
  let lastEnd: BlockEnded | undefined;
  for (const record of records) {
    if (state.run?.cutOff !== undefined && record.type !== "block_ended") {
      lastEnd = cutOffEnd(state.run.cutOff);
      updates.push(...callOf(state.run, lastEnd));
      state.run.cutOff = undefined;
    }
    if (record.type === "run_started") {
      lastEnd = undefined;
    }
    if (record.type === "run_started" || record.type === "prompted") {
      updates.push(userMessage(record.prompt));
    } else if (record.type === "said") {
      updates.push(agentMessage(record.messageId, record.text));
    } else if (record.type === "block_ended") {
      lastEnd = record;
      updates.push(...callOf(state.run, record));
    }
    applyRecord(state, record);
  }
  if (state.run === undefined) {
    return updates;
  }
  if (state.run.cutOff !== undefined) {
    lastEnd = cutOffEnd(state.run.cutOff);
    updates.push(...callOf(state.run, lastEnd));
  }
  return [...updates, planOf(state.run, undefined, lastEnd)];
}

function callOf(run: Run | undefined, ended: BlockEnded): SessionUpdate[] {
  const block = run?.blocks[ended.index];
  return run === undefined || block === undefined
    ? []
    : [replayedCall({ runNumber: run.number, block, attempt: ended.attempt }, ended)];
}

function cutOffEnd({ index, attempt }: NonNullable<Run["cutOff"]>): BlockEnded {
  const output = "Interrupted: the process that ran this block was ended. What the block had written is not known.";
  return {
    type: "block_ended",
    index,
    attempt,
    outcome: "interrupted",
    exitCode: null,
    signal: null,
    durationMs: null,
    output,
  };
}
