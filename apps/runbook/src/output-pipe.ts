/**
 * The output pipe of a block carries its stdout and its stderr, in the order of writing. It is a real pipe (a FIFO that
 * is unlinked as soon as both ends are open) and not the socket that Node makes of `stdio: "pipe"`: a socket cannot be
 * opened again, so there `echo oops > /dev/stderr` fails.
 */
import { execFile } from "node:child_process";
import { closeSync, constants, openSync, unlinkSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const MKFIFO_TIMEOUT_MS = 5_000;
const CHUNK_BYTES = 64 * 1024;

export interface OutputPipe {
  /** For the child; close it once the child has it. */
  readonly writeEnd: number;
  readonly readEnd: Socket;
}

/**
 * Makes a pipe whose arriving bytes are handed to `onChunk`, which copies what it keeps: the chunk's memory is used again,
 * so that a flood of output makes no garbage. Rejects with the system's error (no room, no mkfifo, no temporary
 * directory).
 */
export async function openOutputPipe(onChunk: (chunk: Uint8Array) => void): Promise<OutputPipe> {
  const path = join(tmpdir(), `runbook-${crypto.randomUUID()}`);
  await promisify(execFile)("mkfifo", ["-m", "600", path], { timeout: MKFIFO_TIMEOUT_MS });
  let readEnd: number | undefined;
  try {
    // The reading end first, and without waiting: a FIFO's other end opens only if there is a reader.
    readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writeEnd = openSync(path, constants.O_WRONLY);
    const callback = (length: number, memory: Uint8Array): boolean => {
      onChunk(memory.subarray(0, length));
      return true;
    };
    const onread = { buffer: Buffer.alloc(CHUNK_BYTES), callback };
    return { writeEnd, readEnd: new Socket({ fd: readEnd, readable: true, writable: false, onread }) };
  } catch (error) {
    if (readEnd !== undefined) {
      closeSync(readEnd);
    }
    throw error;
  } finally {
    unlinkSync(path);
  }
}
