/**
 * The machine host's end of its warden. While the pipe between them is open the warden is a shell that waits, which costs
 * next to nothing; it becomes the program when the pipe closes.
 */
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

/** The time is taken at once: what is younger belongs to the next machine host. */
const waitAndBecome =
  'read -r _; read -r seconds _ </proc/uptime; node=$1 program=$2; shift 2; exec "$node" "$program" "$seconds" "$@"';

export class WardenProcess {
  readonly #options: WardenOptions;
  #child: ChildProcessByStdio<Writable, null, null> | null = null;
  #isReleased = false;
  #ended = Promise.resolve();

  constructor(options: WardenOptions) {
    this.#options = options;
    this.#start();
  }

  /**
   * Ends it. Resolves when it has ended.
   * @param lastLook whether it looks one last time; after the deadline it is killed.
   */
  async release(lastLook: boolean, deadlineMs: number): Promise<void> {
    this.#isReleased = true;
    this.#child?.ref();
    if (lastLook) this.#child?.stdin.end();
    else this.#child?.kill("SIGKILL");
    if (!(await isDoneWithin(this.#ended, deadlineMs))) this.#child?.kill("SIGKILL");
  }

  #start(): void {
    const { nodePath, program, tag, serversDirectory, cgroupParents } = this.#options;
    const args = ["-c", waitAndBecome, "sam-warden", nodePath, program, tag, serversDirectory, ...cgroupParents];
    const child = spawn("/bin/sh", args, {
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

  /** Without a warden a power cut could leave processes behind until the next start. */
  #startAgain(): void {
    if (this.#isReleased) return;
    this.#options.log(`the warden ended; it is started again in ${restartMs} ms`);
    const timer = setTimeout(() => {
      if (!this.#isReleased) this.#start();
    }, restartMs);
    timer.unref();
  }
}
