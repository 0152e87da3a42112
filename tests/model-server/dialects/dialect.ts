/** A dialect is one of the ways in which model servers are spoken to: what a request holds, and how an answer is said. */
import { randomUUID } from "node:crypto";

import { isPause, type Answer, type Part, type Pause } from "../script/answer.ts";
import type { Conversation } from "../script/conversation.ts";

/** One event of a stream, or a pause between two. */
export type Beat = { readonly kind: "event"; readonly name?: string; readonly data: unknown } | Pause;

export type DialectName = "chat-completions" | "responses" | "messages" | "gemini";

export interface Dialect {
  readonly name: DialectName;
  /** Throws where the body is not a request of this dialect. `path` is where Gemini names the model. */
  readonly read: (body: unknown, path: string) => Conversation;
  readonly beats: (answer: Answer, model: string) => Iterable<Beat>;
  /** The answer in one piece. */
  readonly whole: (answer: Answer, model: string) => unknown;
  readonly error: (status: number, message: string) => unknown;
}

/** @returns an id that no other answer has: agents keep what they were told by it. */
export function freshId(prefix: string): string {
  return `${prefix}_${randomUUID().replaceAll("-", "")}`;
}

/** @returns the parts of an answer as beats; `say` gives the events of a part that is no pause. */
export function* beatsOf(parts: readonly Part[], say: (part: Exclude<Part, Pause>) => Iterable<Beat>): Iterable<Beat> {
  for (const part of parts) {
    if (isPause(part)) yield part;
    else yield* say(part);
  }
}

/** @returns an event for each piece of a text, with its pauses between them. */
export function* pieces(
  { chunks, chunkDelayMs }: Extract<Part, { kind: "text" }>,
  say: (chunk: string) => Beat,
): Iterable<Beat> {
  for (const [index, chunk] of chunks.entries()) {
    if (index > 0 && chunkDelayMs > 0) yield { kind: "wait", delayMs: chunkDelayMs };
    yield say(chunk);
  }
}
