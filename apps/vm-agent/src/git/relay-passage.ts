/**
 * A passage takes one git command to the git relay. git speaks its own network protocol to this process on loopback, and
 * this process speaks to the relay: nothing is started for it, where a stand-in for ssh would be a program of its own for
 * each command. A passage is for one connection, and its name is a secret that only the command's environment holds.
 */
import { randomBytes } from "node:crypto";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

import { messageOf } from "../clipped-text.ts";
import { OutputTail } from "../process/output-tail.ts";
import { askRelay, FrameReader, frameTypes, type RelayService } from "./relay-client.ts";

export interface Passage extends Disposable {
  /** For the git command; its address of the repository begins with `passagePrefix`. */
  readonly env: Readonly<Record<string, string>>;
  /** What git on the other side complained about. */
  complaints(): string;
}

interface OpenPassage {
  readonly relaySocket: string;
  readonly path: string;
  readonly complaints: OutputTail;
  readonly sockets: Set<Socket>;
}

/** Rewritten by git itself (`url.<base>.insteadOf`) to where the passage is. */
export const passagePrefix = "sam-relay:";
const requestTimeoutMs = 10_000;
const maxRequestBytes = 16 * 1024;
const complaintBytes = 4 * 1024;

const open = new Map<string, OpenPassage>();
let listening: Promise<number> | null = null;

/** Opens a passage to the repository at `path` on the user's machine. */
export async function openPassage(relaySocket: string, path: string): Promise<Passage> {
  listening ??= listen();
  const port = await listening;
  const secret = randomBytes(16).toString("hex");
  const passage: OpenPassage = { relaySocket, path, complaints: new OutputTail(complaintBytes), sockets: new Set() };
  open.set(secret, passage);
  return {
    env: {
      GIT_CONFIG_COUNT: "2",
      GIT_CONFIG_KEY_0: `url.git://127.0.0.1:${port}/${secret}.insteadOf`,
      GIT_CONFIG_VALUE_0: passagePrefix,
      GIT_CONFIG_KEY_1: "core.gitProxy",
      GIT_CONFIG_VALUE_1: "none",
    },
    complaints: () => passage.complaints.text().trim(),
    [Symbol.dispose]: () => {
      open.delete(secret);
      for (const socket of passage.sockets) socket.destroy();
    },
  };
}

function listen(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    socket.setTimeout(requestTimeoutMs, () => socket.destroy());
    serve(socket).catch((error: unknown) => refuse(socket, messageOf(error)));
  });
  server.once("error", reject);
  server.listen({ host: "127.0.0.1", port: 0 }, () => {
    const address: AddressInfo | string | null = server.address();
    if (typeof address === "object" && address !== null) resolve(address.port);
    else reject(new Error("no port for passages to the git relay"));
  });
  server.unref();
  return promise;
}

async function serve(socket: Socket): Promise<void> {
  const { text, rest } = await readRequest(socket);
  // https://git-scm.com/docs/gitprotocol-pack: `<service> /<path> NUL host=… NUL`, and with a version a NUL and `version=2` NUL.
  const [, service, secret = ""] = /^(git-upload-pack|git-receive-pack) \/([0-9a-f]+)\//.exec(text) ?? [];
  const passage = open.get(secret);
  open.delete(secret);
  if (passage === undefined || !isService(service)) throw new Error("no such passage");
  passage.sockets.add(socket);
  const gitProtocol = /\0(version=\d)\0/.exec(text)?.[1] ?? null;
  const {
    answer,
    socket: relay,
    rest: first,
  } = await askRelay(passage.relaySocket, { service, path: passage.path, gitProtocol });
  if (answer.status !== "ok") throw new Error(`${answer.status}: ${answer.message}`);
  passage.sockets.add(relay);
  socket.setTimeout(0);
  join(socket, relay, passage.complaints, { up: rest, down: first });
}

/** Passes bytes on in both directions, each no faster than the other end takes them. */
function join(socket: Socket, relay: Socket, complaints: OutputTail, begun: { up: Buffer; down: Buffer }): void {
  const frames = new FrameReader();
  const take = (chunk: Buffer) => {
    for (const { type, payload } of frames.push(chunk)) {
      if (type === frameTypes.complaint) complaints.push(payload);
      else if (type === frameTypes.exit) socket.end();
      else if (!socket.write(payload)) relay.pause();
    }
  };
  socket.on("drain", () => relay.resume());
  socket.on("close", () => relay.destroy());
  relay.on("close", () => socket.end());
  relay.on("error", () => relay.destroy());
  take(begun.down);
  relay.on("data", take);
  relay.resume();
  relay.write(begun.up);
  socket.pipe(relay);
}

/** The first packet: its length in four hexadecimal digits, themselves included. */
function readRequest(socket: Socket): Promise<{ text: string; rest: Buffer }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ text: string; rest: Buffer }>();
  let bytes = Buffer.alloc(0);
  const onData = (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    const length = bytes.length < 4 ? 0 : Number.parseInt(bytes.toString("latin1", 0, 4), 16);
    if (Number.isNaN(length) || length > maxRequestBytes) reject(new Error("not a request of git"));
    if (bytes.length < 4 || bytes.length < length) return;
    socket.off("data", onData);
    socket.pause();
    resolve({ text: bytes.toString("utf8", 4, length), rest: bytes.subarray(length) });
  };
  socket.on("data", onData);
  socket.once("close", () => reject(new Error("closed before its request")));
  return promise;
}

/** git shows the words behind ERR to its user. */
function refuse(socket: Socket, why: string): void {
  if (socket.destroyed) return;
  const line = `ERR ${why}`;
  socket.end(`${(Buffer.byteLength(line) + 4).toString(16).padStart(4, "0")}${line}`);
}

function isService(text: string | undefined): text is Exclude<RelayService, "probe"> {
  return text === "git-upload-pack" || text === "git-receive-pack";
}
