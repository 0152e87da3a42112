/** Small files of the data directory: replaced in one step, so that a reader or a power cut sees the old or the new. */
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";

import type { z } from "zod";

/** Replaces `path` in one step. `mode` is the file's permission, such as 0o600 for a secret. */
export function replaceFile(path: string, content: string, mode = 0o644): void {
  const next = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  try {
    const file = openSync(next, "wx", mode);
    try {
      writeSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(next, path);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
}

/** @returns the text of a file, or null where there is none. */
export function readFileIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  }
}

/** @returns the parsed content, or null where there is no file or it holds something else. */
export function readJson<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema> | null {
  const text = readFileIfThere(path);
  if (text === null) return null;
  const parsed = schema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : null;
}

/** @returns the value, or undefined for a text that is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @returns the code of a system error, such as `ENOENT`. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}
