/** The process of an agent: started under its task's mark, in its workspace, with the end of its stderr kept. */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";

import type { TaskId } from "@sam/domain/ids";

import { OutputTail } from "../process/output-tail.ts";
import { markedCommand } from "../process/task-mark.ts";
import type { AgentLaunch } from "./agent-launch.ts";

export interface AgentExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** More than is told, so that a secret at its beginning is known whole. */
const tailBytes = 32 * 1024;
/** How long the last words on a pipe may take after the process has ended. */
const drainMs = 200;

export class AgentProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves when the process has ended or could not be started; never rejects. */
  readonly exited: Promise<AgentExit>;
  readonly #tail = new OutputTail(tailBytes);
  #isAlive = true;

  constructor(launch: Pick<AgentLaunch, "command" | "env">, place: { taskId: TaskId; workspace: string }) {
    const [shell = "", ...args] = markedCommand(place.taskId, launch.command);
    this.child = spawn(shell, args, {
      cwd: place.workspace,
      env: { ...launch.env },
      // A session of its own: a signal to our terminal is not a signal to agents.
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.child.stderr.on("data", (chunk: Buffer) => this.#tail.push(chunk));
    // A write to an agent that has ended fails; its end is told by `exited`.
    this.child.stdin.on("error", () => undefined);
    this.exited = this.#watch();
  }

  /** Null where it could not be started. */
  get pid(): number | null {
    return this.child.pid ?? null;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** The end of what it wrote to stderr. */
  get outputTail(): string {
    return this.#tail.text();
  }

  #watch(): Promise<AgentExit> {
    const { promise, resolve } = Promise.withResolvers<AgentExit>();
    this.child.once("error", (error) => {
      this.#isAlive = false;
      this.#tail.push(Buffer.from(error.message));
      resolve({ exitCode: null, signal: null });
    });
    this.child.once("exit", (exitCode, signal) => {
      this.#isAlive = false;
      const timer = setTimeout(() => resolve({ exitCode, signal }), drainMs);
      this.child.once("close", () => {
        clearTimeout(timer);
        resolve({ exitCode, signal });
      });
    });
    return promise;
  }
}
