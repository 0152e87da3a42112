/** One relay session: a request line, a status line and, if that is `ok`, one run of git on this machine. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";

import { z } from "zod";

import type { Session } from "./disk-socket.ts";
import { either, readFirstLine } from "./first-line.ts";
import { type FrameType, frameHeader, frameTypes, type RelayAnswer, relayServices } from "./relay-protocol.ts";
import { gitEnvironment, openRepository, type RepositoryAccess } from "./repository-access.ts";

export interface SessionOptions {
  readonly attached: () => readonly string[];
  readonly hostTag: string;
}

const requestSchema = z.object({
  service: z.enum(relayServices),
  path: z.string().min(1).max(4096).startsWith("/"),
  /** What git passes as GIT_PROTOCOL, such as `version=2`. */
  gitProtocol: z
    .string()
    .regex(/^[a-z0-9=:.-]{1,256}$/)
    .nullable(),
});
type RelayRequest = z.infer<typeof requestSchema>;

type Git = ChildProcessByStdio<Writable, Readable, Readable>;
type Opened = Extract<RepositoryAccess, { status: "ok" }>;

const requestTimeoutMs = 10_000;
/** No byte in either direction for this long: the other end, or git, hangs. */
const idleTimeoutMs = 15 * 60_000;

export class RelaySession implements Session {
  readonly #connection: Socket;
  readonly #options: SessionOptions;
  #git: Git | null = null;

  constructor(connection: Socket, options: SessionOptions) {
    this.#connection = connection;
    this.#options = options;
    // A relay that was killed; `close` follows.
    connection.on("error", () => undefined);
    connection.on("close", () => this.#git?.kill("SIGTERM"));
  }

  end(): void {
    this.#git?.kill("SIGKILL");
    this.#connection.destroy();
  }

  /** Serves the connection to its end. */
  async serve(): Promise<void> {
    this.#connection.on("timeout", () => this.end());
    this.#connection.setTimeout(requestTimeoutMs);
    const request = await this.#readRequest();
    if (request === null) return;
    const access = await openRepository(request.path, this.#options.attached());
    if (this.#connection.destroyed) return;
    await this.#answer({ status: access.status, message: access.status === "ok" ? "" : access.message });
    this.#connection.setTimeout(idleTimeoutMs);
    if (access.status === "ok" && request.service !== "probe") await this.#runGit(request, access);
    this.#connection.end();
  }

  /** @returns null where the connection ended, or a line came that is no request. */
  async #readRequest(): Promise<RelayRequest | null> {
    const line = await readFirstLine(this.#connection);
    if (line === null) return null;
    const request = parseRequest(line);
    if (request !== null) return request;
    await this.#answer({ status: "bad_request", message: "the first line must be a request of the relay protocol" });
    this.#connection.end();
    return null;
  }

  #answer(answer: RelayAnswer): Promise<void> {
    return this.#write(Buffer.from(`${JSON.stringify(answer)}\n`));
  }

  async #runGit(request: RelayRequest, access: Opened): Promise<void> {
    const git = spawnGit(request, access, this.#options.hostTag);
    this.#git = git;
    const ended = exitCodeOf(git);
    // Git may close its input before the relay has sent all of it, for instance when it refuses a push: the rest is dropped.
    git.stdin.on("error", () => {
      this.#connection.unpipe(git.stdin);
      this.#connection.resume();
    });
    this.#connection.pipe(git.stdin);
    await Promise.all([this.#frames(git.stdout, frameTypes.output), this.#frames(git.stderr, frameTypes.complaint)]);
    const code = Buffer.alloc(4);
    code.writeInt32BE(await ended);
    await this.#write(frameHeader(frameTypes.exit, code.length), code);
  }

  async #frames(output: Readable, type: FrameType): Promise<void> {
    for await (const chunk of output) {
      if (Buffer.isBuffer(chunk)) await this.#write(frameHeader(type, chunk.length), chunk);
    }
  }

  /** Holds back while the relay reads more slowly than git writes. */
  async #write(...parts: readonly Buffer[]): Promise<void> {
    if (this.#connection.destroyed) return;
    this.#connection.cork();
    const isFree = parts.map((part) => this.#connection.write(part)).at(-1) ?? true;
    this.#connection.uncork();
    if (isFree || this.#connection.destroyed) return;
    await either(this.#connection, "drain", "close");
  }
}

/** The code of a program that was killed or could not be started is git's own for a fatal error. */
const fatal = 128;

function exitCodeOf(git: Git): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  git.once("error", () => resolve(fatal));
  git.once("close", (code) => resolve(code ?? fatal));
  return promise;
}

function parseRequest(line: string): RelayRequest | null {
  try {
    return requestSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

function spawnGit(request: RelayRequest, access: Opened, hostTag: string): Git {
  const { runAs, directory, isForeign } = access;
  const trust = isForeign ? ["-c", `safe.directory=${directory}`] : [];
  return spawn("git", [...trust, request.service.slice("git-".length), directory], {
    cwd: "/",
    env: {
      ...gitEnvironment(runAs),
      SAM_MACHINE_HOST: hostTag,
      ...(request.gitProtocol === null ? {} : { GIT_PROTOCOL: request.gitProtocol }),
    },
    ...(runAs === null ? {} : { uid: runAs.uid, gid: runAs.gid }),
    stdio: ["pipe", "pipe", "pipe"],
  });
}
