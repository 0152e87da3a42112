/** The run record says where the system of a data directory is to be reached. It is there while the system is up. */
import { rmSync } from "node:fs";

import { z } from "zod";

import { readProcess } from "../machine-host/process-table.ts";
import type { DataDirectory } from "./data-directory.ts";
import { errorCode, readFileIfThere, readJson, replaceFile } from "./files.ts";

const runRecordSchema = z.object({
  pid: z.number().int().positive(),
  /** With the pid it names one process for ever, where the kernel tells it; else null. */
  startTicks: z.string().nullable(),
  port: z.number().int(),
  url: z.url(),
  /** Milliseconds since 1970. */
  startedAt: z.number().int(),
  version: z.string(),
});
export type RunRecord = z.infer<typeof runRecordSchema>;

export function writeRunRecord(directory: DataDirectory, record: RunRecord): void {
  replaceFile(directory.runRecord, `${JSON.stringify(record)}\n`, 0o600);
}

export function removeRunRecord(directory: DataDirectory): void {
  rmSync(directory.runRecord, { force: true });
}

/** @returns the record of a system whose process is there, or null. A record that a power cut left behind is none. */
export function readRunRecord(directory: DataDirectory): RunRecord | null {
  const record = readJson(directory.runRecord, runRecordSchema);
  return record !== null && isSameProcess(record) ? record : null;
}

/** @returns the token that the CLI speaks with, or null before the first start. */
export function readToken(directory: DataDirectory): string | null {
  return readFileIfThere(directory.token)?.trim() ?? null;
}

/** What tells this process from a later one under the same id. */
export function ownStartTicks(): string | null {
  return process.platform === "linux" ? (readProcess(process.pid)?.startTicks ?? null) : null;
}

/** After a reboot another program may have the id: it must be neither taken for SAM nor stopped in its place. */
function isSameProcess({ pid, startTicks }: RunRecord): boolean {
  if (startTicks === null || process.platform !== "linux") return isAlive(pid);
  return readProcess(pid)?.startTicks === startTicks;
}

/**
 * @returns whether a process of that id is there, whoever's it is. One that has ended and that its parent hasn't taken
 * note of yet is not.
 */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
  return process.platform !== "linux" || readProcess(pid) !== null;
}
