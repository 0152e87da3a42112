/**
 * A node's line is its way to the control plane: a relay on a port of this machine that belongs to this node alone, and
 * can be cut. What is cut breaks off at once, and whoever dials meanwhile is turned away.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

import { sleep } from "./signal.ts";

/** Opening a connection to this machine itself takes no time; a port on which nobody accepts must not hold one. */
const connectTimeoutMs = 5_000;

export class NodeLine {
  readonly #target: () => string;
  readonly #open = new Set<Socket>();
  #server: Server | null = null;
  #cuts = 0;

  /** @param target the control plane's base URL, looked up for each connection. */
  constructor(target: () => string) {
    this.#target = target;
  }

  /** @returns the base URL that the node dials. Listens, unless it does already. */
  async listen(): Promise<string> {
    if (this.#server === null) {
      const server = createServer((node) => this.#carry(node));
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(0, "127.0.0.1", resolve);
      });
      this.#server = server;
    }
    return `http://127.0.0.1:${addressOf(this.#server).port}`;
  }

  /** Resolves when the cut is over. Cuts may overlap: the last one to end restores the line. */
  async cut(durationMs: number): Promise<void> {
    this.#cuts += 1;
    for (const socket of this.#open) socket.destroy();
    await sleep(durationMs);
    this.#cuts -= 1;
  }

  /** Breaks off what is open, and listens no more. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const socket of this.#open) socket.destroy();
    if (server === null) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  }

  #carry(node: Socket): void {
    if (this.#cuts > 0) {
      node.destroy();
      return;
    }
    const { hostname, port } = new URL(this.#target());
    const control = connect(Number(port), hostname);
    control.setTimeout(connectTimeoutMs, () => control.destroy());
    control.once("connect", () => control.setTimeout(0));
    for (const [socket, other] of [
      [node, control],
      [control, node],
    ] as const) {
      this.#open.add(socket);
      socket.setNoDelay(true);
      socket.pipe(other);
      // Why one end broke off is of no interest: its end is the end of both, once the other has what came before it.
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.#open.delete(socket);
        if (socket.readableEnded) other.end();
        else other.destroy();
      });
    }
  }
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the line is not listening");
  return address;
}
