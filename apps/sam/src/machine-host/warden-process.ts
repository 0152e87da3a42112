/** The machine host's end of its warden: while the pipe is open, the warden sleeps. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Writable } from "node:stream";

import { isDoneWithin } from "./signal.ts";

export interface WardenOptions {
  readonly nodePath: string;
  readonly program: string;
  /** The value of SAM_MACHINE_HOST in everything that this machine host starts; the warden itself has none. */
  readonly tag: string;
  readonly serversDirectory: string;
  /** The directories below which servers have their cgroups. */
  readonly cgroupParents: readonly string[];
  readonly log: (line: string) => void;
}

const restartMs = 500;

export class WardenProcess {
  readonly #options: WardenOptions;
  #child: ChildProcessByStdio<Writable, null, null> | null = null;
  #isReleased = false;
  #ended = Promise.resolve();

  constructor(options: WardenOptions) {
    this.#options = options;
    this.#start();
  }

  /** Lets the warden look one last time and end. Resolves when it has ended, or after the deadline, when it is killed. */
  async release(deadlineMs: number): Promise<void> {
    this.#isReleased = true;
    this.#child?.ref();
    this.#child?.stdin.end();
    if (!(await isDoneWithin(this.#ended, deadlineMs))) this.#child?.kill("SIGKILL");
  }

  #start(): void {
    const { nodePath, program, tag, serversDirectory, cgroupParents } = this.#options;
    const child = spawn(nodePath, [program, tag, serversDirectory, ...cgroupParents], {
      cwd: "/",
      env: {},
      // A session of its own, so that neither Ctrl-C nor the end of the terminal reaches it.
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once("exit", () => resolve()).once("error", () => resolve());
    });
    void this.#ended.then(() => this.#startAgain());
    // A warden that has ended can't be written to; its end is seen above.
    child.stdin.on("error", () => undefined);
    child.unref();
  }

  /** Without a warden a power cut would leave plain processes behind until the next start. */
  #startAgain(): void {
    if (this.#isReleased) return;
    this.#options.log(`the warden ended; it is started again in ${restartMs} ms`);
    const timer = setTimeout(() => {
      if (!this.#isReleased) this.#start();
    }, restartMs);
    timer.unref();
  }
}
