/** A program of this machine: found on a PATH, or run to its end within a deadline. */
import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";

export interface ProgramResult {
  /** Null where it was killed by a signal, could not be started, or ran past its deadline. */
  readonly exitCode: number | null;
  /** The last line that it wrote to stderr, or why it couldn't be started; for a person. */
  readonly complaint: string;
}

/** @returns the absolute path of an executable, or null where none of the directories has it. */
export function findProgram(name: string, path: string): string | null {
  for (const directory of [...path.split(":"), "/usr/local/bin", "/usr/bin", "/bin"]) {
    if (isAbsolute(directory) && isExecutable(join(directory, name))) return join(directory, name);
  }
  return null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Runs a program without input. It never throws; past the deadline the program is killed. */
export function runProgram(
  command: readonly string[],
  timeoutMs: number,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<ProgramResult> {
  const [program = "", ...args] = command;
  const { promise, resolve } = Promise.withResolvers<ProgramResult>();
  let complaint = "";
  const child = spawn(program, args, {
    env,
    stdio: ["ignore", "ignore", "pipe"],
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-2_000);
  });
  child.on("error", (error) => {
    resolve({ exitCode: null, complaint: error.message });
  });
  child.on("close", (exitCode, signal) => {
    const killed = signal === null ? "" : `ended by ${signal} (its deadline was ${timeoutMs} ms)`;
    resolve({ exitCode, complaint: complaint.trim().split("\n").at(-1) || killed });
  });
  return promise;
}
