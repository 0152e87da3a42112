/** The machine host's end of its warden: while the pipe is open, the warden sleeps. */
import { spawn } from "node:child_process";

import { isDoneWithin } from "./signal.ts";

export interface WardenProcess {
  /** Lets the warden look one last time and end. Resolves when it has ended, or after the deadline, when it is killed. */
  release(deadlineMs: number): Promise<void>;
}

/** @param tag the value of SAM_MACHINE_HOST in everything that this machine host starts; the warden itself has none. */
export function startWarden(nodePath: string, program: string, tag: string): WardenProcess {
  const child = spawn(nodePath, [program, tag], {
    cwd: "/",
    env: {},
    // A session of its own, so that neither Ctrl-C nor the end of the terminal reaches it.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve()).once("error", () => resolve());
  });
  child.stdin.on("error", () => undefined);
  child.unref();
  return {
    async release(deadlineMs: number): Promise<void> {
      child.stdin.end();
      child.ref();
      if (!(await isDoneWithin(ended, deadlineMs))) child.kill("SIGKILL");
    },
  };
}
