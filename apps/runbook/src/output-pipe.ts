/**
 * The output pipe of a block carries its stdout and its stderr, in the order of writing. It is a real pipe (a FIFO that
 * is unlinked as soon as both ends are open) and not the socket that Node makes of `stdio: "pipe"`: a socket cannot be
 * opened again, so there `echo oops > /dev/stderr` fails.
 */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, constants, openSync, unlinkSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const MKFIFO_TIMEOUT_MS = 5_000;

export interface OutputPipe {
  /** For the child; close it once the child has it. */
  readonly writeEnd: number;
  readonly readEnd: Socket;
}

/** Makes a pipe. Rejects with the system's error (no room, no mkfifo, no temporary directory). */
export async function openOutputPipe(): Promise<OutputPipe> {
  const path = join(tmpdir(), `runbook-${randomUUID()}`);
  await promisify(execFile)("mkfifo", ["-m", "600", path], { timeout: MKFIFO_TIMEOUT_MS });
  let readEnd: number | undefined;
  try {
    // The reading end first, and without waiting: a FIFO's other end opens only if there is a reader.
    readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writeEnd = openSync(path, constants.O_WRONLY);
    return { writeEnd, readEnd: new Socket({ fd: readEnd, readable: true, writable: false }) };
  } catch (error) {
    if (readEnd !== undefined) {
      closeSync(readEnd);
    }
    throw error;
  } finally {
    unlinkSync(path);
  }
}
