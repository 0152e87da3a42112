/** The test's end of `host-process.ts`. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";

import type { MachineHostOptions } from "../machine-host.ts";
import { type Answer, here } from "./test-host.ts";

export class HostingProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcess, lines: Interface) {
    this.#child = child;
    this.#lines = lines[Symbol.asyncIterator]();
  }

  /** Resolves when its machine host has started. */
  static async start(options: MachineHostOptions): Promise<HostingProcess> {
    const program = join(here, "testing/host-process.ts");
    const child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: ["pipe", "pipe", "inherit"] });
    const hosting = new HostingProcess(child, createInterface({ input: child.stdout }));
    await hosting.#line();
    return hosting;
  }

  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    this.#child.stdin?.write(`${JSON.stringify({ method, path, body })}\n`);
    return JSON.parse(await this.#line()) as Answer;
  }

  /** Creates a server with the usual type. @returns its id. */
  async create(name: string): Promise<string> {
    const body = { name, machineType: "local", location: "this-machine", labels: {}, userData: "{}" };
    const { body: answer } = await this.call("POST", "/v1/servers", body);
    if (answer.server === undefined) throw new Error(`create: ${JSON.stringify(answer)}`);
    return answer.server.id;
  }

  async killHard(): Promise<void> {
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exit;
  }

  /** Closes its input: an orderly stop. */
  async end(): Promise<void> {
    const exit = once(this.#child, "exit");
    this.#child.stdin?.end();
    await exit;
  }

  async #line(): Promise<string> {
    const next = await this.#lines.next();
    if (next.done === true) throw new Error("the hosting process ended");
    return next.value;
  }
}
