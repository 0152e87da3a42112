/** The receipts of what was answered and said last, for the places of the conversation where that stands. */
import type { ReplyView } from "@sam/protocol/task-api";
import { createContext, useContext } from "react";

export const RepliesContext = createContext<readonly ReplyView[]>([]);

/** @returns the receipt of the answer to a question; null where none is kept. */
export function useAnswerReceipt(requestId: string): ReplyView | null {
  return useContext(RepliesContext).findLast((reply) => reply.requestId === requestId) ?? null;
}

/** @returns the receipt of the words that a turn began with. What was said together came together. */
export function useTurnReceipt(turn: number): ReplyView | null {
  return useContext(RepliesContext).findLast((reply) => reply.requestId === null && reply.turn === turn) ?? null;
}
