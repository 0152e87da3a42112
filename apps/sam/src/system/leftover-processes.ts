/** Processes of a data directory's machine host: what a stop must not leave behind. */
import { createHash } from "node:crypto";

import type { DataDirectory } from "../data-directory/data-directory.ts";
import { findProcesses } from "../machine-host/process-table.ts";

/** @returns their ids. The machine host marks each by a variable that begins with the directory's own mark. */
export function leftoverProcesses(directory: DataDirectory): readonly number[] {
  if (process.platform !== "linux") return [];
  const mark = createHash("sha256").update(directory.path).digest("hex").slice(0, 16);
  return findProcesses({ variable: "SAM_MACHINE_HOST", value: `${mark}:`, match: "prefix" }).map(({ pid }) => pid);
}
