/**
 * Forwarding: one request of the agent goes to the model's server and its answer comes back, byte by byte as they come.
 * What is seen on the way is entered into the ledger; nothing is tried again here, and nothing is held back.
 */
import { request as httpRequest, type ClientRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { request as httpsRequest } from "node:https";

import { messageOf } from "../clipped-text.ts";
import { watchAnswer } from "./answer-watch.ts";
import { endToEnd, forwardedHeaders, type ModelServer } from "./gateway-request.ts";
import { oneLine } from "./server-words.ts";
import type { CallEntry } from "./turn-ledger.ts";

export interface Passage {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: URL;
  readonly server: ModelServer;
  /** What the ledger is told; null for a request that is no model call. */
  readonly entry: CallEntry | null;
}

const connectMs = 30_000;
/** More than a model takes in, pictures and all. */
const maxRequestBytes = 128 * 1024 * 1024;

export function forward(passage: Passage): void {
  const { request, response, target, server, entry } = passage;
  const send = target.protocol === "https:" ? httpsRequest : httpRequest;
  const outgoing = send(target.href, {
    method: request.method ?? "GET",
    headers: forwardedHeaders(request, target, server),
    // A connection of its own each: one that was kept may be closed by the server in the moment of its use.
    agent: false,
  });
  giveUpConnecting(outgoing);
  response.on("close", () => {
    if (response.writableFinished) return;
    entry?.abandoned();
    outgoing.destroy();
  });
  outgoing.on("response", (answer) => passBack(passage, answer));
  outgoing.on("error", (error) => {
    if (response.destroyed) return;
    entry?.failed({ kind: "unavailable", status: null, detail: oneLine(`${target.origin}: ${messageOf(error)}`) });
    if (response.headersSent) response.destroy();
    else refuse(response, 502, `the model's server can't be reached: ${messageOf(error)}`);
  });
  passOn(passage, outgoing);
}

/** Answers in the gateway's own name, in a form that every dialect's client can read. */
export function refuse(response: ServerResponse, status: number, message: string): void {
  const body = JSON.stringify({
    error: { message: `SAM's model gateway: ${message}`, type: "gateway_error", code: status },
  });
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
}

function passOn({ request, response }: Passage, outgoing: ClientRequest): void {
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxRequestBytes) return;
    refuse(response, 413, `a request of more than ${maxRequestBytes} bytes`);
    outgoing.destroy();
    request.destroy();
  });
  request.on("error", () => outgoing.destroy());
  request.pipe(outgoing);
}

function passBack({ response, target, entry }: Passage, answer: IncomingMessage): void {
  response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
  response.flushHeaders();
  if (entry !== null) watchAnswer(answer, entry, target);
  answer.pipe(response);
  answer.on("close", () => {
    if (!answer.complete) response.destroy();
  });
}

function giveUpConnecting(outgoing: ClientRequest): void {
  outgoing.on("socket", (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(
      () => outgoing.destroy(new Error(`no connection within ${connectMs / 1000} s`)),
      connectMs,
    );
    const stop = () => clearTimeout(timer);
    for (const event of ["connect", "error", "close"]) socket.once(event, stop);
  });
}
