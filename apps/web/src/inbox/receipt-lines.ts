/** What has come of a receipt, in its order, and the one line that lacks. */
import type { ReplyView } from "@sam/protocol/task-api";

export interface ReceiptLines {
  readonly lines: readonly { readonly word: string; readonly at: number }[];
  /** The first line that has not come; with a reason where it will not. Null where all have. */
  readonly lacking: { readonly word: string; readonly since: number; readonly why: string | null } | null;
}

/** Words that wait for the end of a turn lack nothing yet: they are shown as waiting. */
export function receiptLines({
  acceptedAt,
  onMachineAt,
  readAt,
  missed,
  requestId,
  turn,
}: Pick<ReplyView, "acceptedAt" | "onMachineAt" | "readAt" | "missed" | "requestId" | "turn">): ReceiptLines {
  const all = [
    { word: "accepted", at: acceptedAt },
    { word: "on the machine", at: onMachineAt },
    { word: "read by the agent", at: readAt },
  ];
  const lines = all.flatMap(({ word, at }) => (at === null ? [] : [{ word, at }]));
  const next = all.find(({ at }) => at === null);
  const waits = requestId === null && turn === null && missed === null;
  if (next === undefined || waits) return { lines, lacking: null };
  const { word } = next;
  if (missed !== null) return { lines, lacking: { word, since: missed.at, why: missed.why } };
  return { lines, lacking: { word, since: lines.at(-1)?.at ?? acceptedAt, why: null } };
}

/** Whether no further line can come. */
export function isWhole({ readAt, missed }: Pick<ReplyView, "readAt" | "missed">): boolean {
  return readAt !== null || missed !== null;
}
