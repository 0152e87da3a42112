/** Stands in for the machine host's git relay: the same protocol on a unix socket, git's services on this machine's paths. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";

import { frameTypes } from "../git/relay-client.ts";

export class RelayStandIn {
  /** What was asked for, in order. */
  readonly requests: { readonly service: string; readonly path: string }[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor() {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.once("data", (chunk) => this.#serve(socket, chunk));
    });
  }

  static async start(socketPath: string): Promise<RelayStandIn> {
    const relay = new RelayStandIn();
    const { promise, resolve } = Promise.withResolvers<void>();
    relay.#server.listen(socketPath, resolve);
    await promise;
    return relay;
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #serve(socket: Socket, chunk: Buffer): void {
    const end = chunk.indexOf(10);
    const request = JSON.parse(chunk.toString("utf8", 0, end)) as {
      service: string;
      path: string;
      gitProtocol: string | null;
    };
    this.requests.push(request);
    const status = existsSync(request.path) ? "ok" : request.path.replace("/relay/", "");
    socket.write(`${JSON.stringify({ status, message: "as the test says" })}\n`);
    if (status !== "ok" || request.service === "probe") {
      socket.end();
      return;
    }
    this.#run(socket, request, chunk.subarray(end + 1));
  }

  #run(socket: Socket, request: { service: string; path: string; gitProtocol: string | null }, rest: Buffer): void {
    const env = {
      PATH: process.env["PATH"],
      HOME: "/nonexistent",
      ...(request.gitProtocol === null ? {} : { GIT_PROTOCOL: request.gitProtocol }),
    };
    const git = spawn(request.service, [request.path], { env });
    const frame = (type: number, payload: Buffer) => {
      const header = Buffer.alloc(5);
      header.writeUInt8(type, 0);
      header.writeUInt32BE(payload.length, 1);
      socket.write(Buffer.concat([header, payload]));
    };
    git.stdout.on("data", (payload: Buffer) => frame(frameTypes.output, payload));
    git.stderr.on("data", (payload: Buffer) => frame(frameTypes.complaint, payload));
    git.stdin.on("error", () => undefined);
    git.once("close", (code) => {
      const payload = Buffer.alloc(4);
      payload.writeInt32BE(code ?? 128);
      frame(frameTypes.exit, payload);
      socket.end();
    });
    git.stdin.write(rest);
    socket.pipe(git.stdin);
  }
}
