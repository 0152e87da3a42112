/**
 * The witness is what a task's own work leaves on the node's disk, beside its workspaces and outside of git: a line when
 * a block begins, one when it ends, and one where it was not alone. The lock is the kernel's: it is held for as long as
 * any process of the block lives.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import type { System } from "./system.ts";

/** A task's home is `<disk>/homes/<task>`. */
const folder = `"$HOME/../../witness"`;

/** @returns shell code that holds the task's lock from here on, and says so where somebody else holds it. */
export function beAlone(taskName: string): string {
  return [
    `mkdir -p ${folder}`,
    `exec 9>>${folder}/${taskName}.lock`,
    `flock -n 9 || echo "not alone" >>${folder}/${taskName}.log`,
  ].join("\n");
}

/** @returns shell code that does `work` alone, between two lines of the witness. */
export function witnessed(taskName: string, what: string, work: string): string {
  const log = (line: string) => `echo "${what} ${line}" >>${folder}/${taskName}.log`;
  return [beAlone(taskName), log("begins"), work, log("ends")].join("\n");
}

/** @returns the lines of all nodes' disks. */
export function testimony(system: System, taskName: string): readonly string[] {
  return logsOf(system, taskName).flatMap((log) => readFileSync(log, "utf8").trim().split("\n"));
}

/** @returns the ends of blocks, checks left out, that had come before. */
export function repeatedEnds(system: System, taskName: string): readonly string[] {
  const ends = testimony(system, taskName).filter((line) => line.endsWith(" ends") && !line.startsWith("check"));
  return ends.filter((line, index) => ends.indexOf(line) < index);
}

/** Forgets what was testified so far. */
export function forgetTestimony(system: System, taskName: string): void {
  for (const log of logsOf(system, taskName)) rmSync(log);
}

function logsOf(system: System, taskName: string): readonly string[] {
  const logs = system.nodeDisks().map((disk) => join(disk, "witness", `${taskName}.log`));
  return logs.filter((log) => existsSync(log));
}
