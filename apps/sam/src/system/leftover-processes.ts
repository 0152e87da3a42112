/** Processes of a data directory's machine host: what a stop must not leave behind. */
import { join } from "node:path";

import type { DataDirectory } from "../data-directory/data-directory.ts";
import { hostMark } from "../machine-host/host-mark.ts";
import { findProcesses } from "../machine-host/process-table.ts";
import { residentsOf } from "../machine-host/residents.ts";

/**
 * @returns their ids. The machine host marks what it starts by a variable that begins with the directory's own mark; what
 * an agent starts has its home in the directory.
 */
export function leftoverProcesses(directory: DataDirectory): readonly number[] {
  if (process.platform !== "linux") return [];
  const tag = { variable: "SAM_MACHINE_HOST", value: `${hostMark(directory.path)}:`, match: "prefix" } as const;
  return findProcesses(tag, residentsOf(join(directory.path, "machine-host/servers"))).map(({ pid }) => pid);
}
