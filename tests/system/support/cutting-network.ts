/**
 * A network that cuts: a relay that breaks connections off at moments and places that a seed decides, also in the middle of
 * a frame, until it has cut as many as it was told to. From then on it lets everything through.
 */
import { connect, createServer, type Server, type Socket } from "node:net";

import { chance, type Chance } from "@sam/domain/testing/seeded";

/** Part of a test's context. */
interface Finisher {
  onTestFinished(fn: () => Promise<void>): void;
}

export interface CuttingOptions {
  /** The port of the control plane on 127.0.0.1; looked up for each connection. */
  readonly target: () => number;
  readonly seed: number;
  readonly cuts: number;
}

const kilobyte = 1024;
/**
 * After how many bytes connections are cut: many in the middle of saying hello, most in the middle of what they are for, and
 * some late enough to carry over what has gathered meanwhile. What they carry decides, and not the time, so that a busy
 * machine sees the same.
 */
const budgets = [
  { share: 0.4, least: 1, most: 4 * kilobyte },
  { share: 0.45, least: 12 * kilobyte, most: 100 * kilobyte },
  { share: 0.15, least: 100 * kilobyte, most: 800 * kilobyte },
] as const;
/** Nor does a connection stay that has nothing to carry for so long. */
const idleMs = 150;

export class CuttingNetwork {
  readonly #options: CuttingOptions;
  readonly #drawn: Chance;
  readonly #open = new Set<Socket>();
  readonly #server: Server;
  #cut = 0;
  #cutInFrames = 0;

  private constructor(options: CuttingOptions) {
    this.#options = options;
    this.#drawn = chance(options.seed);
    this.#server = createServer((client) => this.#carry(client));
  }

  static async start(test: Finisher, options: CuttingOptions): Promise<CuttingNetwork> {
    const network = new CuttingNetwork(options);
    await new Promise<void>((resolve, reject) => {
      network.#server.once("error", reject);
      network.#server.listen(0, "127.0.0.1", resolve);
    });
    test.onTestFinished(() => network.#stop());
    return network;
  }

  /** How many connections it has cut. */
  get cut(): number {
    return this.#cut;
  }

  /** How many of them it cut inside of what one end had sent in one piece. */
  get cutInFrames(): number {
    return this.#cutInFrames;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the network is not listening");
    return `http://127.0.0.1:${address.port}`;
  }

  #carry(client: Socket): void {
    const control = connect(this.#options.target(), "127.0.0.1");
    const ends = [client, control];
    const cutNow = () => {
      if (this.#cut >= this.#options.cuts || client.destroyed) return;
      this.#cut += 1;
      for (const end of ends) end.destroy();
    };
    const budget = { isSpent: false, bytes: drawBudget(this.#drawn) };
    for (const [from, to] of [
      [client, control],
      [control, client],
    ] as const) {
      this.#open.add(from);
      from.on("data", (chunk: Buffer) => {
        if (budget.isSpent) return;
        budget.isSpent = chunk.length >= budget.bytes && this.#cut < this.#options.cuts;
        if (budget.isSpent) {
          if (chunk.length > budget.bytes) this.#cutInFrames += 1;
          // What came before the cut has arrived: the other end has the beginning of a frame, and no more.
          to.end(chunk.subarray(0, budget.bytes), cutNow);
          return;
        }
        budget.bytes -= chunk.length;
        to.write(chunk);
      });
      from.on("end", () => to.end());
      // Why one end broke off is of no interest: its end is the end of both, once the other has what came before it.
      from.on("error", () => undefined);
      from.on("close", () => {
        this.#open.delete(from);
        if (!from.readableEnded) to.destroy();
      });
    }
    client.setTimeout(idleMs, cutNow);
  }

  async #stop(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

function drawBudget(drawn: Chance): number {
  const luck = drawn.next();
  let share = 0;
  const range = budgets.find((one) => luck < (share += one.share)) ?? budgets[0];
  return range.least + drawn.below(range.most - range.least);
}
