/**
 * A reply is what a user gave a task: an answer to a question of its agent, or words. Its receipt has three lines, each
 * with its time: accepted (the runner committed it), on the machine (it is on the VM agent's disk), and read by the agent
 * (it took the answer, or showed the first sign of work on the words). A line that does not come says since when.
 */
export interface Reply {
  /** The question that it answers; null: words. */
  readonly requestId: string | null;
  /** The option that was chosen; null: none of them, or words. */
  readonly optionId: string | null;
  /** Who answered; null: the task's owner said something. */
  readonly by: string | null;
  /** The turn in which the words were told; null for an answer, and for words that wait for the end of a turn. */
  readonly turn: number | null;
  readonly acceptedAt: number;
  /** The command that carries it to the machine; null while there is none. */
  readonly commandId: string | null;
  readonly onMachineAt: number | null;
  readonly readAt: number | null;
  /** No agent will read it any more: since when, and why. */
  readonly missed: { readonly at: number; readonly why: string } | null;
}

/** How far a command came, as the VM agent says it. */
export type Reached = "machine" | "agent";

/** Older ones were told long ago, or are known to be missed. */
const kept = 8;

type Replies = readonly Reply[];

export function withAnswer(
  replies: Replies,
  answer: Pick<Reply, "requestId" | "optionId" | "by" | "commandId">,
  now: number,
): Replies {
  return add(replies, { ...accepted(now), ...answer });
}

/** Words that were accepted. They have no command before a turn begins with them. */
export function withWords(replies: Replies, now: number): Replies {
  return add(replies, accepted(now));
}

/** A turn begins with all the words that were not told before. */
export function toldIn(replies: Replies, turn: number): Replies {
  return replies.map((reply) => (isOpen(reply) && isWords(reply) && reply.turn === null ? { ...reply, turn } : reply));
}

/** An agent is given the turn. Given again, since the agent before it has not read them, its words are on their way anew. */
export function carriedBy(replies: Replies, commandId: string): Replies {
  return replies.map((reply) =>
    isOpen(reply) && isToBeTold(reply) ? { ...reply, commandId, onMachineAt: null } : reply,
  );
}

/** The VM agent says how far a command came. Whatever an agent has read is on its machine, too. */
export function reachedBy(replies: Replies, commandId: string, reached: Reached, now: number): Replies {
  return replies.map((reply) => {
    if (!isOpen(reply) || reply.commandId !== commandId) return reply;
    const onMachineAt = reply.onMachineAt ?? now;
    return { ...reply, onMachineAt, readAt: reached === "agent" ? now : null };
  });
}

/** The agent is gone: nobody reads its answers any more. Words are told to the agent that takes its place. */
export function answersMissed(replies: Replies, why: string, now: number): Replies {
  return missedWhere(replies, (reply) => !isWords(reply), why, now);
}

/** The turn is over. What waits for its end is told in the next one. */
export function missedInTurn(replies: Replies, now: number): Replies {
  const isOfTurn = (reply: Reply) => !isWords(reply) || reply.turn !== null;
  return missedWhere(replies, isOfTurn, "its turn ended before the agent took it up", now);
}

/** No turn follows. */
export function allMissed(replies: Replies, why: string, now: number): Replies {
  return missedWhere(replies, () => true, why, now);
}

function missedWhere(replies: Replies, isIt: (reply: Reply) => boolean, why: string, now: number): Replies {
  return replies.map((reply) => (isOpen(reply) && isIt(reply) ? { ...reply, missed: { at: now, why } } : reply));
}

function accepted(now: number): Reply {
  return {
    requestId: null,
    optionId: null,
    by: null,
    turn: null,
    acceptedAt: now,
    commandId: null,
    onMachineAt: null,
    readAt: null,
    missed: null,
  };
}

function add(replies: Replies, reply: Reply): Replies {
  return [...replies, reply].slice(-kept);
}

/** Words whose turn has begun; and an answer that had nobody to go to when it was given. */
function isToBeTold(reply: Reply): boolean {
  return isWords(reply) ? reply.turn !== null : reply.commandId === null;
}

function isWords({ requestId }: Reply): boolean {
  return requestId === null;
}

/** Whether another line may still come. */
export function isOpen({ readAt, missed }: Pick<Reply, "readAt" | "missed">): boolean {
  return readAt === null && missed === null;
}
