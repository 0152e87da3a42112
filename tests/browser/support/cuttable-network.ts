/**
 * The network between a browser and the control plane, as a relay on a port of its own that a test can cut: what is open
 * breaks off at once, and nobody gets through until it is restored.
 */
import { connect, createServer, type Server, type Socket } from "node:net";

import type { Finisher } from "./chromium.ts";

export class CuttableNetwork {
  readonly #target: number;
  readonly #open = new Set<Socket>();
  readonly #server: Server;
  #isCut = false;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#carry(client));
  }

  /** @param target the port of the control plane on 127.0.0.1 */
  static async start(test: Finisher, target: number): Promise<CuttableNetwork> {
    const network = new CuttableNetwork(target);
    await new Promise<void>((resolve, reject) => {
      network.#server.once("error", reject);
      network.#server.listen(0, "127.0.0.1", resolve);
    });
    test.onTestFinished(() => network.#stop());
    return network;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the relay is not listening");
    return address.port;
  }

  /** @returns how many connections broke off. */
  cut(): number {
    this.#isCut = true;
    const broken = this.#open.size;
    for (const socket of this.#open) socket.destroy();
    return broken;
  }

  restore(): void {
    this.#isCut = false;
  }

  #carry(client: Socket): void {
    if (this.#isCut) {
      client.destroy();
      return;
    }
    const upstream = connect(this.#target, "127.0.0.1");
    for (const socket of [client, upstream]) {
      this.#open.add(socket);
      // The end of one is the end of both; why it broke off is of no interest.
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.#open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  }

  async #stop(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}
