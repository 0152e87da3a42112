/** One program run to its end: its output bounded, its time bounded, and ended with everything in its group on abort. */
import { spawn, type ChildProcess } from "node:child_process";
import { Duplex } from "node:stream";

import { errnoOf } from "../errno.ts";
import { OutputTail } from "./output-tail.ts";

export interface CommandRequest {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Past it the process group is killed and the outcome says so; null where somebody else owns the deadline. */
  readonly timeoutMs: number | null;
  readonly signal: AbortSignal;
  readonly input?: string | Uint8Array;
  /** More than this on stdout ends the program: nothing of it could be trusted to be whole. */
  readonly maxStdoutBytes?: number;
  /** How much of the end of stderr is kept. */
  readonly stderrTailBytes?: number;
  readonly onStderr?: (chunk: Buffer) => void;
  readonly onStdout?: (chunk: Buffer) => void;
  /** Gives the program a fourth open file, in both directions, and takes this end of it. */
  readonly onPipe?: (pipe: Duplex) => void;
}

export interface CommandOutcome {
  /** Null where a signal ended it or it could not be started. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly timedOut: boolean;
  readonly stdout: Buffer;
  readonly stderrTail: string;
  readonly durationMs: number;
}

const killAfterMs = 1_000;
const drainMs = 300;

/**
 * Runs a program in a process group of its own. A failure of the program is an outcome, not an error.
 * @throws the signal's reason where `signal` is aborted, once the program has ended.
 */
export async function runCommand(request: CommandRequest): Promise<CommandOutcome> {
  request.signal.throwIfAborted();
  const startedMs = performance.now();
  const [program = "", ...args] = request.command;
  const child = spawn(program, args, {
    cwd: request.cwd,
    env: { ...request.env },
    detached: true,
    stdio: [
      request.input === undefined ? "ignore" : "pipe",
      "pipe",
      "pipe",
      ...(request.onPipe === undefined ? [] : (["pipe"] as const)),
    ],
  });
  const ending = endOnDeadline(child, request);
  const stdout = collectStdout(child, request);
  const tail = new OutputTail(request.stderrTailBytes ?? 8_192);
  child.stderr?.on("data", (chunk: Buffer) => {
    tail.push(chunk);
    request.onStderr?.(chunk);
  });
  writeInput(child, request.input);
  const pipe = child.stdio[3];
  if (pipe instanceof Duplex) request.onPipe?.(pipe);
  const { exitCode, signal } = await closed(child, tail);
  ending.stop();
  request.signal.throwIfAborted();
  return {
    exitCode,
    signal,
    timedOut: ending.timedOut(),
    stdout: Buffer.concat(stdout),
    stderrTail: tail.text(),
    durationMs: performance.now() - startedMs,
  };
}

function closed(child: ChildProcess, tail: OutputTail): Promise<Pick<CommandOutcome, "exitCode" | "signal">> {
  const { promise, resolve } = Promise.withResolvers<Pick<CommandOutcome, "exitCode" | "signal">>();
  child.once("error", (error) => {
    tail.push(Buffer.from(error.message));
    resolve({ exitCode: null, signal: null });
  });
  // `close` comes when nobody holds the pipes any more; a background process that it left behind may hold them for ever.
  child.once("exit", (exitCode, signal) => {
    const timer = setTimeout(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.stdio[3]?.destroy();
      resolve({ exitCode, signal });
    }, drainMs);
    child.once("close", () => {
      clearTimeout(timer);
      resolve({ exitCode, signal });
    });
  });
  return promise;
}

function collectStdout(child: ChildProcess, request: CommandRequest): Buffer[] {
  const chunks: Buffer[] = [];
  const max = request.maxStdoutBytes ?? 64 * 1024 * 1024;
  let bytes = 0;
  child.stdout?.on("data", (chunk: Buffer) => {
    request.onStdout?.(chunk);
    if (request.onStdout !== undefined) return;
    bytes += chunk.length;
    if (bytes > max) killGroup(child, "SIGKILL");
    else chunks.push(chunk);
  });
  return chunks;
}

function writeInput(child: ChildProcess, input: string | Uint8Array | undefined): void {
  // A program that ends without reading its input breaks the pipe; its exit code says what happened.
  child.stdin?.on("error", () => undefined);
  if (input !== undefined) child.stdin?.end(input);
}

function endOnDeadline(child: ChildProcess, request: CommandRequest) {
  let timedOut = false;
  const timers: NodeJS.Timeout[] = [];
  const end = () => {
    killGroup(child, "SIGTERM");
    timers.push(setTimeout(() => killGroup(child, "SIGKILL"), killAfterMs));
  };
  const onTimeout = () => {
    timedOut = true;
    end();
  };
  if (request.timeoutMs !== null) timers.push(setTimeout(onTimeout, request.timeoutMs));
  request.signal.addEventListener("abort", end, { once: true });
  return {
    timedOut: () => timedOut,
    stop: () => {
      request.signal.removeEventListener("abort", end);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/** The group is named by its leader, the child itself, since it was started detached. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (errnoOf(error) !== "ESRCH" && errnoOf(error) !== "EPERM") throw error;
  }
}
