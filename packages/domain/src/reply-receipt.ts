/** The receipt of a reply: which of its lines have come, in their order, and the one that lacks. */
import type { Reply } from "./reply.ts";

type Received = Pick<Reply, "acceptedAt" | "onMachineAt" | "readAt" | "missed" | "requestId" | "turn">;

export interface ReplyReceipt {
  readonly lines: readonly { readonly word: string; readonly at: number }[];
  /** The first line that has not come, since when; with a reason where it will not. Null where all have, or none is due. */
  readonly lacking: { readonly word: string; readonly since: number; readonly why: string | null } | null;
}

/** Words that wait for the end of a turn lack nothing yet. */
export function replyReceipt(reply: Received): ReplyReceipt {
  const { acceptedAt, onMachineAt, readAt, missed } = reply;
  const all = [
    { word: "accepted", at: acceptedAt },
    { word: "on the machine", at: onMachineAt },
    { word: "read by the agent", at: readAt },
  ];
  const lines = all.flatMap(({ word, at }) => (at === null ? [] : [{ word, at }]));
  const next = all.find(({ at }) => at === null);
  if (next === undefined || waitsForItsTurn(reply)) return { lines, lacking: null };
  const { word } = next;
  if (missed !== null) return { lines, lacking: { word, since: missed.at, why: missed.why } };
  return { lines, lacking: { word, since: lines.at(-1)?.at ?? acceptedAt, why: null } };
}

/** Whether these are words that are told when the turn that runs has ended. */
export function waitsForItsTurn({ requestId, turn, missed }: Pick<Received, "requestId" | "turn" | "missed">): boolean {
  return requestId === null && turn === null && missed === null;
}
