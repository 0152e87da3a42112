/** Whether a program is there, and what it says of itself. */
import { execFile } from "node:child_process";

const timeoutMs = 5_000;

/** @returns the first line that it prints, or null where it is missing or fails. */
export function programVersion(program: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: timeoutMs }, (error, stdout) => {
      resolve(error === null ? (stdout.split("\n")[0]?.trim() ?? "") : null);
    });
  });
}
