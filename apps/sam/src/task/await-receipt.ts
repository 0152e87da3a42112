/** Waits for the receipt of what was just answered or said, and shows each of its lines when it comes. */
import { isOpen } from "@sam/domain/reply";
import type { ReplyView, TaskView } from "@sam/protocol/task-api";

import { followStream } from "../client/task-stream.ts";
import type { CommandContext } from "../command-context.ts";
import { lackingText, replyLines } from "./reply-view.ts";

/** A machine that is heard takes a moment; one that is not is said to be late, and is told when it is back. */
const waitMs = 10_000;

export type ReplyOf = (task: TaskView) => ReplyView | undefined;

export function answerTo(requestId: string): ReplyOf {
  return ({ replies }) => replies.findLast((reply) => reply.requestId === requestId);
}

/** The newest words that were accepted no earlier than a moment of the runner's clock. */
export function wordsSince(at: number): ReplyOf {
  return ({ replies }) => replies.findLast((reply) => reply.requestId === null && reply.acceptedAt >= at);
}

/** @returns the receipt as far as it came; null where the task knows of no such reply any more. */
export async function awaitReceipt(
  context: CommandContext,
  task: TaskView,
  replyOf: ReplyOf,
): Promise<ReplyView | null> {
  const { json, terminal } = context;
  let reply = replyOf(task);
  let shown = 0;
  let last = task;
  const show = (now: TaskView) => {
    last = now;
    reply = replyOf(now) ?? reply;
    const lines = reply === undefined ? [] : replyLines(reply, terminal.paint);
    if (!json) for (const line of lines.slice(shown)) terminal.line(line);
    shown = Math.max(shown, lines.length);
    return reply !== undefined && isOpen(reply);
  };
  if (show(task)) {
    const signal = AbortSignal.timeout(waitMs);
    const { lastSeq } = await context.api.messages(task.taskId, Number.MAX_SAFE_INTEGER);
    const stream = { taskId: task.taskId, after: lastSeq, signal, patienceMs: waitMs };
    await followStream(context.api, stream, { onMessage: () => undefined, onTask: show });
  }
  const lacking = reply === undefined ? null : lackingText(reply, last, Date.now());
  if (!json && lacking !== null) terminal.line(`${terminal.paint("grey", "○")} ${lacking}`);
  return reply ?? null;
}
