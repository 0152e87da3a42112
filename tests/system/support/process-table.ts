/** The process table as a witness of its own: read from /proc, without a line of what it bears witness about. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  /** With the pid, it names one process for ever. */
  readonly startTicks: string;
  readonly state: string;
  readonly command: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
  readonly workingDirectory: string;
  readonly pidNamespace: string;
}

let recent: { readonly table: readonly ProcessEntry[]; readonly at: number } | null = null;

/**
 * @param maxAgeMs how old the table may be: a look costs some milliseconds, and several watches can share one.
 * @returns every process that is alive and readable; zombies are not.
 */
export function readProcessTable(maxAgeMs = 0): readonly ProcessEntry[] {
  const now = performance.now();
  if (recent === null || now - recent.at > maxAgeMs) recent = { table: readAll(), at: now };
  return recent.table;
}

function readAll(): readonly ProcessEntry[] {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (readProcess(Number(name)) ?? []) : []));
}

/** @returns null where there is no such process alive. */
export function readProcess(pid: number): ProcessEntry | null {
  const stat = read(`/proc/${pid}/stat`);
  // The command's name stands in parentheses and may itself hold spaces and parentheses.
  const [state, parentPid, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const startTicks = fields[17];
  if (state === undefined || startTicks === undefined || state === "Z" || state === "X") return null;
  return {
    pid,
    parentPid: Number(parentPid),
    startTicks,
    state,
    command: read(`/proc/${pid}/cmdline`).split("\0").slice(0, -1),
    environment: environmentOf(pid),
    workingDirectory: link(`/proc/${pid}/cwd`),
    pidNamespace: link(`/proc/${pid}/ns/pid`),
  };
}

export function isAlive({ pid, startTicks }: Pick<ProcessEntry, "pid" | "startTicks">): boolean {
  return readProcess(pid)?.startTicks === startTicks;
}

/** @returns whether every thread of a process is stopped by a signal. */
export function isFrozen(pid: number): boolean {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.every((thread) => /\) T /.test(read(`/proc/${pid}/task/${thread}/stat`)));
}

/** @returns those of the table that descend from one of `roots`, without the roots themselves. */
export function descendantsOf(table: readonly ProcessEntry[], roots: readonly number[]): readonly ProcessEntry[] {
  const children = Map.groupBy(table, ({ parentPid }) => parentPid);
  const found = new Set<ProcessEntry>();
  const open = [...roots];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    for (const child of children.get(pid) ?? []) {
      if (found.has(child)) continue;
      found.add(child);
      open.push(child.pid);
    }
  }
  return [...found];
}

/** @returns the paths of the files that a process holds open. */
export function openFiles(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((name) => link(`/proc/${pid}/fd/${name}`));
  } catch {
    return [];
  }
}

export function describeProcess({ pid, parentPid, state, command }: ProcessEntry): string {
  return `${pid} (parent ${parentPid}, ${state}) ${command.join(" ").slice(0, 300)}`;
}

function environmentOf(pid: number): ReadonlyMap<string, string> {
  const variables = read(`/proc/${pid}/environ`)
    .split("\0")
    .filter((text) => text.includes("="));
  return new Map(variables.map((text) => [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)]));
}

/** What has ended, or is another user's, reads as nothing. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
