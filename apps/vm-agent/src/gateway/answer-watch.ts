/** Watching the answer to a model call on its way to the agent: how it began, what it says of failures, how it ended. */
import type { IncomingMessage } from "node:http";

import type { ModelFailure } from "@sam/domain/model-calls";

import { failureOfStatus } from "./model-call.ts";
import { wordsOfBody } from "./server-words.ts";
import { StreamErrors } from "./stream-errors.ts";
import type { CallEntry } from "./turn-ledger.ts";

/** Of an answer that comes in for so long without an error it can be said that the model answers. */
const flowingMs = 15_000;
/** As much of an error's body as is looked at. */
const maxErrorBytes = 16 * 1024;

/** To be called before the answer is piped on: what ends the call is entered before the agent knows of it. */
export function watchAnswer(answer: IncomingMessage, entry: CallEntry, target: URL): void {
  const status = answer.statusCode ?? 502;
  const refused = failureOfStatus(status);
  const isPlain = (answer.headers["content-encoding"] ?? "identity") === "identity";
  const body = refused !== null && isPlain ? new Beginning(maxErrorBytes) : null;
  const isStream = /^text\/event-stream\b/i.test(answer.headers["content-type"] ?? "");
  const errors = refused === null && isPlain && isStream ? new StreamErrors() : null;
  const isGood = () => refused === null && (errors?.failure ?? null) === null;
  entry.heard(isGood());
  const flowing = setTimeout(() => {
    if (isGood()) entry.flowing();
  }, flowingMs);
  answer.on("data", (chunk: Buffer) => {
    body?.push(chunk);
    errors?.push(chunk);
    entry.heard(isGood());
  });
  answer.once("end", () => {
    const failure = errors?.failure ?? null;
    if (refused !== null) entry.failed({ kind: refused, status, detail: wordsOfBody(body?.text() ?? "") });
    else if (failure !== null) entry.failed({ ...failure, status });
    else if (answer.complete) entry.succeeded();
    else entry.failed(brokenOff(status, target));
  });
  answer.once("close", () => {
    clearTimeout(flowing);
    // Told already, unless it never came to its end. Where the agent went away first, that was told.
    if (!answer.readableEnded) entry.failed(brokenOff(status, target));
  });
}

function brokenOff(status: number, target: URL): ModelFailure {
  return {
    kind: "unavailable",
    status,
    detail: `${target.origin}: the connection broke off in the middle of an answer`,
  };
}

/** The first bytes of a body. */
class Beginning {
  readonly #maxBytes: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    if (this.#bytes >= this.#maxBytes) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  text(): string {
    return Buffer.concat(this.#chunks).subarray(0, this.#maxBytes).toString("utf8");
  }
}
