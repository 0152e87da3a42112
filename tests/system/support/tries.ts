/**
 * A try is one run of a block by the runbook agent, as it names it. A block is tried again where the agent was killed in the
 * middle of it, or behind its end and before it had noted that.
 */
import type { Message } from "@sam/protocol/message";

export interface Try {
  /** Of which turn, and which block. */
  readonly block: string;
  readonly number: number;
  readonly isCompleted: boolean;
}

/** @returns the tries that a conversation tells of, once for each that is told of them. */
export function triesIn(messages: readonly Message[]): readonly Try[] {
  return messages.flatMap(({ body }) => {
    if (body.kind !== "agent_update") return [];
    const { toolCallId, status } = body.update;
    const [, block, number] = /^(run-\d+-block-\d+)-try-(\d+)$/.exec(String(toolCallId)) ?? [];
    return block === undefined ? [] : [{ block, number: Number(number), isCompleted: status === "completed" }];
  });
}

/** @returns how often any of the blocks was tried again. */
export function retriesOf(tries: readonly Try[]): number {
  const blocks = Map.groupBy(tries, ({ block }) => block);
  return [...blocks.values()].reduce((sum, own) => sum + Math.max(...own.map(({ number }) => number)) - 1, 0);
}
