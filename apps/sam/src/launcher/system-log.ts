/** The system's own log: one line an event, in `logs/sam.log`, bounded by rotation. Nothing of it goes to the screen. */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";

import type { DataDirectory } from "../data-directory/data-directory.ts";
import { errorCode } from "../data-directory/files.ts";

export type LogLevel = "info" | "warn" | "error";

const maxFileBytes = 5_000_000;
const maxLineLength = 16_384;
/** Beside the one that is written. */
const keptFiles = 2;

export class SystemLog {
  readonly path: string;
  readonly #maxBytes: number;
  #file: number;
  #bytes: number;

  constructor(directory: DataDirectory, maxBytes: number = maxFileBytes) {
    this.path = join(directory.logs, "sam.log");
    this.#maxBytes = maxBytes;
    this.#file = openSync(this.path, "a", 0o600);
    this.#bytes = fstatSync(this.#file).size;
  }

  /** `source` says who speaks: `launcher`, `worker`, `machine-host`. A log that cannot be written stops nothing. */
  write(level: LogLevel, source: string, message: string): void {
    const text = stripVTControlCharacters(message).trimEnd().slice(0, maxLineLength).replaceAll("\n", "\n    ");
    const line = `${new Date().toISOString()} ${level} ${source}: ${text}\n`;
    try {
      if (this.#bytes + line.length > this.#maxBytes) this.#rotate();
      this.#bytes += writeSync(this.#file, line);
    } catch {
      // A full disk must not take the system down with its log.
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #rotate(): void {
    closeSync(this.#file);
    for (let age = keptFiles; age > 0; age -= 1) {
      renameIfThere(age === 1 ? this.path : `${this.path}.${age - 1}`, `${this.path}.${age}`);
    }
    this.#file = openSync(this.path, "a", 0o600);
    this.#bytes = 0;
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
  }
}
