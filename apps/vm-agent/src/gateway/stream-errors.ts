/**
 * Errors in a stream of server-sent events: a call that was answered with 200 and failed in its midst. Each dialect says
 * so in a form of its own: Anthropic by an event of type `error`, OpenAI's responses by `response.failed` or `error`, chat
 * completions and Gemini by an `error` in place of choices or candidates.
 */
import { StringDecoder } from "node:string_decoder";

import type { ModelFailure } from "@sam/domain/model-calls";
import { z } from "zod";

import { failureOfName } from "./model-call.ts";
import { readServerError, type ServerError } from "./server-words.ts";

/** An event longer than this is no error: it is passed over. */
const maxEventLength = 64 * 1024;

const eventSchema = z.looseObject({
  type: z.string().optional().catch(undefined),
  error: z.unknown().optional(),
  response: z.looseObject({ error: z.unknown().optional() }).optional().catch(undefined),
});

export class StreamErrors {
  readonly #decoder = new StringDecoder("utf8");
  #line = "";
  #isTooLong = false;
  #failure: ModelFailure | null = null;

  /** The last error that the stream told; null: none so far. */
  get failure(): ModelFailure | null {
    return this.#failure;
  }

  push(chunk: Buffer): void {
    const text = this.#decoder.write(chunk);
    let from = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", from)) {
      this.#gather(text.slice(from, end));
      this.#take();
      from = end + 1;
    }
    this.#gather(text.slice(from));
  }

  #gather(text: string): void {
    if (this.#line.length + text.length > maxEventLength) this.#isTooLong = true;
    else this.#line += text;
  }

  /** An event's data is one line of JSON in every dialect. */
  #take(): void {
    const line = this.#line;
    const isWhole = !this.#isTooLong;
    this.#line = "";
    this.#isTooLong = false;
    if (!isWhole || !line.startsWith("data:") || !line.includes('"error"')) return;
    const error = readEvent(line.slice("data:".length));
    if (error === null) return;
    this.#failure = { kind: failureOfName(error.names), status: 200, detail: error.words };
  }
}

function readEvent(data: string): ServerError | null {
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch {
    return null;
  }
  const parsed = eventSchema.safeParse(json);
  if (!parsed.success) return null;
  const { type, error, response } = parsed.data;
  if (type === "response.failed") return readServerError({ error: response?.error }) ?? unnamed;
  if (type === "error") return readServerError(error === undefined ? json : { error }) ?? unnamed;
  // Of chat completions and Gemini: their events have no type.
  if (type === undefined && error !== undefined && error !== null) return readServerError({ error }) ?? unnamed;
  return null;
}

const unnamed: ServerError = { words: "the stream told an error without words", names: [] };
