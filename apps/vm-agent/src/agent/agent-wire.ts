/**
 * The wire to an agent: JSON-RPC messages, one per line. Updates of the session are taken off it here, in the order in
 * which the agent wrote them, so that none can be overtaken by the answer that ends its turn. Lines that are no message
 * are counted: a banner is forgiven, a program that does not speak the protocol is found out.
 */
import type { Readable, Writable } from "node:stream";

import type { AnyMessage, Stream } from "@agentclientprotocol/sdk/unstable";
import { z } from "zod";

import { clipHead, messageOf } from "../clipped-text.ts";

export interface WireListener {
  /** One `session/update`. */
  onUpdate(update: Record<string, unknown>): void;
  /** Something that is not of the protocol; `evidence` is the beginning of it. */
  onStray(evidence: string): void;
  /** The agent has been sent the answer to its request of that id. */
  onAnswered(id: string | number | null): void;
}

/** A line longer than this is no message; nothing behind it can be trusted to be whole. */
const maxLineBytes = 32 * 1024 * 1024;

const envelopeSchema = z.looseObject({
  jsonrpc: z.literal("2.0"),
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  method: z.string().optional(),
  params: z.unknown().optional(),
});
const updateSchema = z.object({ update: z.record(z.string(), z.unknown()) });

/** @returns a stream for the SDK over an agent's standard input and output. */
export function agentWire(stdin: Writable, stdout: Readable, listener: WireListener): Stream {
  const readable = new ReadableStream<AnyMessage>({
    async start(controller) {
      try {
        for await (const line of lines(stdout)) {
          const message = readLine(line, listener);
          if (message !== null) controller.enqueue(message);
        }
      } catch (error) {
        listener.onStray(messageOf(error));
      }
      controller.close();
    },
  });
  const writable = new WritableStream<AnyMessage>({
    write(message) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      stdin.write(`${JSON.stringify(message)}\n`, (error) => {
        if (error !== null && error !== undefined) return reject(error);
        if (!("method" in message)) listener.onAnswered(message.id);
        resolve();
      });
      return promise;
    },
  });
  return { readable, writable };
}

function readLine(line: string, listener: WireListener): AnyMessage | null {
  if (line.trim() === "") return null;
  const json = parseJson(line);
  const envelope = envelopeSchema.safeParse(json);
  if (!envelope.success || !isMessage(json)) {
    listener.onStray(clipHead(line, 500));
    return null;
  }
  if (envelope.data.method !== "session/update" || envelope.data.id !== undefined) return json;
  const params = updateSchema.safeParse(envelope.data.params);
  if (params.success) listener.onUpdate(params.data.update);
  else listener.onStray(clipHead(line, 500));
  return null;
}

/** The envelope was parsed before; the SDK checks what is in it. */
function isMessage(json: unknown): json is AnyMessage {
  return typeof json === "object" && json !== null && ("method" in json || "id" in json);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function* lines(stdout: Readable): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdout) {
    let rest = z.instanceof(Buffer).parse(chunk);
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      parts.push(rest.subarray(0, end));
      yield Buffer.concat(parts).toString("utf8");
      parts = [];
      bytes = 0;
      rest = rest.subarray(end + 1);
    }
    parts.push(rest);
    bytes += rest.length;
    if (bytes > maxLineBytes) throw new Error(`a line of more than ${maxLineBytes} bytes`);
  }
  if (bytes > 0) yield Buffer.concat(parts).toString("utf8");
}
