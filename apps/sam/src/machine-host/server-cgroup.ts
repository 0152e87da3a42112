/**
 * A server's cgroup: one directory per hierarchy in use, with the server's limits. A process joins by writing itself into
 * each `cgroup.procs` before it becomes the server's first process; all that it starts is then a member, whatever process
 * group, session or environment it takes.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { errnoOf, nullOn } from "./errno.ts";
import { sleep } from "./signal.ts";

export interface ServerLimits {
  readonly memoryLimitBytes: number;
  /** Processes and threads together. */
  readonly pidsLimit: number;
  /** CPUs' worth of time, such as 1.5; null: as much as is free. */
  readonly cpuLimit: number | null;
}

/** A directory below which servers' groups are made, and what is limited there. */
export interface CgroupParent {
  readonly directory: string;
  readonly version: 1 | 2;
  /** Empty where the hierarchy serves for finding and killing members only. */
  readonly controllers: readonly ("memory" | "pids" | "cpu")[];
}

interface Setting {
  readonly file: string;
  readonly value: string;
  /** A setting that may be missing from a kernel without weakening a promised limit. */
  readonly optional: boolean;
}

const groupPrefix = "sam-";
const cpuPeriodUs = 100_000;
const lookIntervalMs = 10;
/** Between being made and being joined a group is empty, too, but not for so long. */
const staleAfterMs = 60_000;

export class ServerCgroup {
  readonly directories: readonly string[];

  /** Groups that exist already, for instance those that a former machine host recorded. */
  constructor(directories: readonly string[]) {
    this.directories = directories;
  }

  static directoriesFor(parents: readonly Pick<CgroupParent, "directory">[], serverId: string): string[] {
    return parents.map((parent) => join(parent.directory, `${groupPrefix}${serverId}`));
  }

  /** Makes the groups and writes the limits. Throws the system's error where a promised limit can't be set. */
  static create(parents: readonly CgroupParent[], serverId: string, limits: ServerLimits): ServerCgroup {
    const cgroup = new ServerCgroup(ServerCgroup.directoriesFor(parents, serverId));
    for (const [index, parent] of parents.entries()) {
      const directory = cgroup.directories[index] ?? "";
      mkdirSync(directory, { recursive: true });
      for (const setting of settingsOf(parent, limits)) write(join(directory, setting.file), setting);
    }
    return cgroup;
  }

  /** The files to which a process writes itself. */
  get joinFiles(): string[] {
    return this.directories.map((directory) => join(directory, "cgroup.procs"));
  }

  /** @returns the pids of all members, in nested groups too. */
  members(): number[] {
    const pids = new Set<number>();
    for (const directory of this.directories.flatMap(withNested)) {
      const text = nullOn(["ENOENT", "ENODEV", "EOPNOTSUPP"], () =>
        readFileSync(join(directory, "cgroup.procs"), "utf8"),
      );
      for (const line of (text ?? "").split("\n")) if (Number(line) > 0) pids.add(Number(line));
    }
    return [...pids];
  }

  /** Kills all members in one stroke where the kernel can (v2, 5.14). What remains is for the caller to look up. */
  kill(): void {
    for (const directory of this.directories) {
      const file = join(directory, "cgroup.kill");
      if (existsSync(file)) nullOn(["ENOENT", "ENODEV"], () => writeFileSync(file, "1"));
    }
  }

  /** @returns whether the groups are gone by the deadline: a member that is still exiting holds its group for a moment. */
  async removeWithin(deadlineMs: number): Promise<boolean> {
    const deadline = Date.now() + deadlineMs;
    while (!this.#remove()) {
      if (Date.now() > deadline) return false;
      await sleep(lookIntervalMs);
    }
    return true;
  }

  #remove(): boolean {
    let gone = true;
    for (const directory of this.directories.flatMap(withNested).toReversed()) {
      try {
        rmdirSync(directory);
      } catch (error) {
        if (errnoOf(error) !== "ENOENT") gone = false;
      }
    }
    return gone;
  }
}

/**
 * Removes the empty groups that a power cut left below these parents, if no start of the same data directory has done so.
 * A group in use has members, and the system refuses to remove it.
 */
export function removeStaleGroups(parents: readonly CgroupParent[]): void {
  for (const { directory } of parents) {
    const names = nullOn(["ENOENT", "EACCES"], () => readdirSync(directory)) ?? [];
    for (const path of names.filter((name) => name.startsWith(groupPrefix)).map((name) => join(directory, name))) {
      const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
      if (Date.now() - made > staleAfterMs) nullOn(["EBUSY", "ENOENT", "EACCES", "EPERM"], () => rmdirSync(path));
    }
  }
}

function withNested(directory: string): string[] {
  const entries = nullOn(["ENOENT", "ENODEV"], () => readdirSync(directory, { withFileTypes: true })) ?? [];
  const nested = entries.filter((entry) => entry.isDirectory()).map((entry) => join(directory, entry.name));
  return [directory, ...nested.flatMap(withNested)];
}

function write(path: string, setting: Setting): void {
  try {
    writeFileSync(path, setting.value);
  } catch (error) {
    if (!setting.optional) throw new Error(`cannot limit ${dirname(path)}: ${setting.file}`, { cause: error });
  }
}

function settingsOf(parent: CgroupParent, limits: ServerLimits): Setting[] {
  const memory = String(limits.memoryLimitBytes);
  const settings: Setting[] = [];
  const add = (file: string, value: string, optional = false): number => settings.push({ file, value, optional });
  if (parent.controllers.includes("pids")) add("pids.max", String(limits.pidsLimit));
  if (parent.controllers.includes("memory") && parent.version === 2) {
    add("memory.max", memory);
    add("memory.swap.max", "0", true);
  }
  if (parent.controllers.includes("memory") && parent.version === 1) {
    add("memory.limit_in_bytes", memory);
    // Memory and swap together, so that swap is no way around the limit; absent where swap isn't accounted for.
    add("memory.memsw.limit_in_bytes", memory, true);
  }
  if (!parent.controllers.includes("cpu")) return settings;
  // Half of the usual weight: the control plane and its owner's work come first.
  if (parent.version === 2) add("cpu.weight", "50", true);
  else add("cpu.shares", "512", true);
  if (limits.cpuLimit === null) return settings;
  const quota = Math.max(1_000, Math.round(limits.cpuLimit * cpuPeriodUs));
  if (parent.version === 2) add("cpu.max", `${quota} ${cpuPeriodUs}`);
  else {
    add("cpu.cfs_period_us", String(cpuPeriodUs));
    add("cpu.cfs_quota_us", String(quota));
  }
  return settings;
}
