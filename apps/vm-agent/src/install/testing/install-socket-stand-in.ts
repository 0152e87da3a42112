/** Stands in for a machine host's install socket: a test sees who asks for what, and answers in lines of its own. */
import { createServer, type Server, type Socket } from "node:net";

export interface Asking {
  /** The first line. */
  readonly request: unknown;
  /** A text is written as it is. After the last one the connection is closed. */
  answer(line: unknown, last?: "last"): void;
  hangUp(): void;
  readonly isGone: boolean;
}

export class InstallSocketStandIn {
  readonly askings: Asking[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("data", (chunk: Buffer) => this.askings.push(asking(socket, chunk)));
    });
  }

  static async start(path: string): Promise<InstallSocketStandIn> {
    const standIn = new InstallSocketStandIn();
    const { promise, resolve } = Promise.withResolvers<void>();
    standIn.#server.listen(path, resolve);
    await promise;
    return standIn;
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

function asking(socket: Socket, chunk: Buffer): Asking {
  return {
    request: JSON.parse(chunk.toString("utf8")),
    answer: (line, last) => {
      socket.write(typeof line === "string" ? line : `${JSON.stringify(line)}\n`);
      if (last !== undefined) socket.end();
    },
    hangUp: () => void socket.destroy(),
    get isGone() {
      return socket.destroyed || socket.readableEnded;
    },
  };
}
