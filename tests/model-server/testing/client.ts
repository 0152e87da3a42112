/** A client speaks one dialect as an agent does, and reads the answer into the same words for all four. */
import type { DialectName } from "../dialects/dialect.ts";
import { chatCompletionsShape } from "./chat-completions-shape.ts";
import { geminiShape } from "./gemini-shape.ts";
import { messagesShape } from "./messages-shape.ts";
import { responsesShape } from "./responses-shape.ts";
import type { Heard, Question, Shape } from "./shape.ts";

export interface Asked extends Partial<Question> {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Answered extends Heard {
  readonly status: number;
  /** The body of an answer that is an error. */
  readonly error: unknown;
}

export interface Client {
  readonly name: DialectName;
  /** @returns the header that carries the key. */
  readonly key: (key: string) => Record<string, string>;
  readonly ask: (asked: Asked) => Promise<Answered>;
}

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

export const clients: readonly Client[] = [
  { name: "chat-completions", key: bearer, ask: (asked) => ask(chatCompletionsShape, asked) },
  { name: "responses", key: bearer, ask: (asked) => ask(responsesShape, asked) },
  { name: "messages", key: (key) => ({ "x-api-key": key }), ask: (asked) => ask(messagesShape, asked) },
  { name: "gemini", key: (key) => ({ "x-goog-api-key": key }), ask: (asked) => ask(geminiShape, asked) },
];

async function ask(shape: Shape, { url, headers, signal, ...asked }: Asked): Promise<Answered> {
  const question = { prompt: "Hello.", results: 0, isStreamed: true, ...asked };
  const answer = await fetch(url + shape.path(question), {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(shape.body(question)),
    signal: signal ?? AbortSignal.timeout(10_000),
  });
  const text = await answer.text();
  const { status } = answer;
  if (!answer.ok) return { ...nothing, status, error: JSON.parse(text) };
  const heard = question.isStreamed ? shape.hear(eventsIn(text)) : shape.hearWhole(JSON.parse(text));
  return { ...heard, status, error: null };
}

const nothing: Heard = { pieces: [], thought: "", calls: [], usage: null, end: null };

function eventsIn(text: string): readonly unknown[] {
  return [...text.matchAll(/^data: (.*)$/gm)]
    .map(([, data = ""]) => data)
    .filter((data) => data !== "[DONE]")
    .map((data): unknown => JSON.parse(data));
}
