/**
 * A network that can fail: a TCP proxy on loopback in front of the control plane. VM agents dial it, and so do the users;
 * each side has one of its own. Cutting a socket in it is a reset for both ends; a stall is a cable that lost its way.
 */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

export class Network {
  readonly port: number;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #target = 0;
  #refuses = false;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on("connection", (near) => this.#accept(near));
  }

  static async start(): Promise<Network> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the network does not listen");
    return new Network(server, address.port);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The port behind it. */
  leadTo(port: number): void {
    this.#target = port;
  }

  /** @returns how many connections were reset. */
  cut(): number {
    const pairs = [...this.#pairs];
    for (const pair of pairs) this.#reset(pair);
    return pairs.length;
  }

  /** From now on every connection is reset, old ones and new ones. @returns what ends it. */
  part(): () => void {
    this.#refuses = true;
    this.cut();
    return () => {
      this.#refuses = false;
    };
  }

  /** From now on not a byte arrives, and nobody is told. @returns what ends it. */
  stall(): () => void {
    const stalled = [...this.#pairs];
    for (const { near, far } of stalled) for (const socket of [near, far]) socket.pause();
    return () => {
      for (const { near, far } of stalled) for (const socket of [near, far]) socket.resume();
    };
  }

  async stop(): Promise<void> {
    this.part();
    this.#server.close();
    await once(this.#server, "close");
  }

  #accept(near: Socket): void {
    if (this.#refuses) return void near.resetAndDestroy();
    const far = connect({ port: this.#target, host: "127.0.0.1", allowHalfOpen: true });
    const pair = { near, far };
    this.#pairs.add(pair);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on("error", () => this.#reset(pair));
      socket.on("close", () => this.#reset(pair));
    }
    near.pipe(far);
    far.pipe(near);
  }

  #reset(pair: Pair): void {
    if (!this.#pairs.delete(pair)) return;
    for (const socket of [pair.near, pair.far]) if (!socket.destroyed) socket.resetAndDestroy();
  }
}
