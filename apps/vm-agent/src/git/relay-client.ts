/**
 * The client of the git relay: a unix socket of the machine host, behind which git's own services run on repositories
 * that this node does not see. One line of JSON asks, one line answers with a status; then git's protocol follows: up as
 * it is, down in frames of a type (one byte), a length (four bytes, big-endian) and that many bytes.
 */
import { closeSync, constants, openSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { basename, dirname } from "node:path";

import { z } from "zod";

export type RelayService = "git-upload-pack" | "git-receive-pack" | "probe";

export interface RelayRequest {
  readonly service: RelayService;
  /** Absolute path on the user's machine. */
  readonly path: string;
  /** As git says it in GIT_PROTOCOL, such as `version=2`. */
  readonly gitProtocol: string | null;
}

const answerSchema = z.object({
  status: z.enum(["ok", "not_attached", "not_found", "not_a_repository", "permission_denied", "bad_request"]),
  message: z.string().default(""),
});
export type RelayAnswer = z.infer<typeof answerSchema>;

export interface RelayConversation {
  readonly answer: RelayAnswer;
  /** Open if and only if the answer is `ok` and the service is not `probe`; paused. */
  readonly socket: Socket;
  /** What came with the answer and belongs to what follows. */
  readonly rest: Buffer;
}

export const frameTypes = { output: 1, complaint: 2, exit: 3 } as const;

export interface RelayFrame {
  readonly type: number;
  readonly payload: Buffer;
}

const answerTimeoutMs = 30_000;
const maxAnswerBytes = 16 * 1024;
const headerBytes = 5;

/** Opens a conversation. @throws where nobody answers in time, or not in this protocol. */
export async function askRelay(socketPath: string, request: RelayRequest): Promise<RelayConversation> {
  const socket = connectTo(socketPath);
  const timer = setTimeout(() => socket.destroy(new Error("the git relay did not answer in time")), answerTimeoutMs);
  try {
    socket.write(`${JSON.stringify(request)}\n`);
    const { line, rest } = await readLine(socket);
    const answer = answerSchema.parse(JSON.parse(line));
    if (answer.status !== "ok" || request.service === "probe") socket.destroy();
    return { answer, socket, rest };
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** A socket's path may have 107 bytes and a disk's may have more, so it is reached through its open folder. */
export function connectTo(socketPath: string): Socket {
  const folder = openSync(dirname(socketPath), constants.O_RDONLY | constants.O_DIRECTORY);
  const socket = connect({ path: `/proc/self/fd/${folder}/${basename(socketPath)}`, allowHalfOpen: true });
  let isOpen = true;
  const release = () => {
    if (isOpen) closeSync(folder);
    isOpen = false;
  };
  socket.once("connect", release);
  socket.once("close", release);
  return socket;
}

function readLine(socket: Socket): Promise<{ line: string; rest: Buffer }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ line: string; rest: Buffer }>();
  let bytes = Buffer.alloc(0);
  const onData = (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    const end = bytes.indexOf(10);
    if (end === -1 && bytes.length <= maxAnswerBytes) return;
    socket.off("data", onData);
    socket.pause();
    if (end === -1) reject(new Error("the git relay's answer is not of its protocol"));
    else resolve({ line: bytes.subarray(0, end).toString("utf8"), rest: bytes.subarray(end + 1) });
  };
  socket.on("data", onData);
  socket.once("error", reject);
  socket.once("close", () => reject(new Error("the git relay closed the connection")));
  return promise;
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  #bytes: Buffer = Buffer.alloc(0);

  /** @returns the frames that are complete now. */
  push(chunk: Buffer): RelayFrame[] {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const frames: RelayFrame[] = [];
    while (this.#bytes.length >= headerBytes) {
      const end = headerBytes + this.#bytes.readUInt32BE(1);
      if (this.#bytes.length < end) break;
      frames.push({ type: this.#bytes.readUInt8(0), payload: this.#bytes.subarray(headerBytes, end) });
      this.#bytes = this.#bytes.subarray(end);
    }
    return frames;
  }
}
