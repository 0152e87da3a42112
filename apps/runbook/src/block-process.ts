/**
 * A block process is the shell that runs one block, in a session and a process group of its own, with /dev/null as its
 * stdin. It is over when the shell exits, whatever it left running.
 */
import { spawn } from "node:child_process";
import { closeSync } from "node:fs";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import type { BlockShell } from "./block-shell.ts";
import { openOutputPipe } from "./output-pipe.ts";

/** How long output is awaited after the shell's end, if something that it left running holds the pipe open. */
const LAST_OUTPUT_MS = 500;

export interface BlockExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly durationMs: number;
}

export interface BlockProcess {
  readonly pid: number;
  /** Resolves when the shell has exited. */
  readonly exited: Promise<BlockExit>;
  /** Resolves when the shell has exited and what it wrote has arrived. */
  readonly ended: Promise<BlockExit>;
}

export interface BlockStart {
  readonly shell: BlockShell;
  readonly cwd: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Copies what it keeps of the chunk. */
  readonly onOutput: (chunk: Uint8Array) => void;
  /** Aborted before the shell is there: it is not started. */
  readonly signal: AbortSignal;
}

/**
 * Starts a block. Rejects with the system's error if it cannot (no such directory, no process or no memory left), or if
 * `signal` is aborted.
 */
export async function startBlock(start: BlockStart): Promise<BlockProcess> {
  let isOver = false;
  const { writeEnd, readEnd } = await openOutputPipe((chunk) => {
    if (!isOver) {
      start.onOutput(chunk);
    }
  });
  if (start.signal.aborted) {
    closeSync(writeEnd);
    readEnd.destroy();
    throw new Error("The turn was stopped before the block had started.");
  }
  const startedMs = performance.now();
  const child = spawn(start.shell.file, start.shell.arguments, {
    cwd: start.cwd,
    env: start.environment,
    stdio: ["ignore", writeEnd, writeEnd],
    detached: true,
  });
  closeSync(writeEnd);
  const exit = new Promise<BlockExit>((resolve) => {
    child.once("exit", (exitCode, signal) => {
      resolve({ exitCode, signal, durationMs: Math.round(performance.now() - startedMs) });
    });
  });
  // Reading a pipe does not fail; should it, the block's exit still tells how it ended.
  readEnd.on("error", () => readEnd.destroy());
  const closed = new Promise<void>((resolve) => readEnd.once("close", resolve));
  const failure = new Promise<Error>((resolve) => child.once("error", resolve));
  if (child.pid === undefined) {
    readEnd.destroy();
    throw await failure;
  }
  const ended = endOf(exit, closed, readEnd).finally(() => {
    isOver = true;
  });
  return { pid: child.pid, exited: exit, ended };
}

async function endOf(exit: Promise<BlockExit>, closed: Promise<void>, readEnd: Socket): Promise<BlockExit> {
  const result = await exit;
  const tooLate = new AbortController();
  await Promise.race([closed, sleep(LAST_OUTPUT_MS, undefined, { signal: tooLate.signal }).catch(() => undefined)]);
  tooLate.abort();
  // What is left running may go on writing: it is read and dropped, since a closed pipe would end it.
  readEnd.unref();
  return result;
}
