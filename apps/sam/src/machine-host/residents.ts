/**
 * Residents are the processes that have their home on a server's disk. What an agent starts carries no tag of ours and may
 * leave its session and its parent behind; the home that it was given is still written in its environment.
 */
import { findProcesses } from "./process-table.ts";

/** @param directory a disk, or one that holds disks; absolute. @returns their pids, and those of what descends from them. */
export function residentsOf(directory: string): number[] {
  return findProcesses({ variable: "HOME", value: `${directory}/`, match: "prefix" }).map(({ pid }) => pid);
}
