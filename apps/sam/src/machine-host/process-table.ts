/**
 * The process table is what the kernel says runs right now, read from /proc. A process belongs to a server if and only if
 * it carries the server's tag in its environment, is a member of the server's cgroup, or descends from one that does.
 */
import { readdirSync, readFileSync } from "node:fs";

import { nullOn } from "./errno.ts";

export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  /** The kernel's letter: R, S, D, T, Z, … */
  readonly state: string;
  /** Ticks since boot; with the pid, it names one process for ever. */
  readonly startTicks: string;
}

/** An environment variable that marks what was started for a server, by a machine host, or for one installation. */
export interface ProcessTag {
  readonly variable: "SAM_SERVER_ID" | "SAM_MACHINE_HOST" | "SAM_INSTALL_RUN" | "HOME";
  readonly value: string;
  /** `prefix`: any value that begins so. */
  readonly match: "exact" | "prefix";
}

/** What a process that has ended, or is another user's, answers to a read. */
const unreadable = ["ENOENT", "ESRCH", "EACCES", "EPERM"];

/** @returns every process that is alive. One that has ended and waits to be reaped (a zombie) is not. */
export function listProcesses(): ProcessEntry[] {
  const entries: ProcessEntry[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const entry = readProcess(Number(name));
    if (entry !== null) entries.push(entry);
  }
  return entries;
}

/** @returns null where there is no such process alive. */
export function readProcess(pid: number): ProcessEntry | null {
  const stat = nullOn(unreadable, () => readFileSync(`/proc/${pid}/stat`, "utf8"));
  if (stat === null) return null;
  // The command's name stands in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parent] = fields;
  const startTicks = fields[19];
  if (state === undefined || parent === undefined || startTicks === undefined) return null;
  if (state === "Z" || state === "X") return null;
  return { pid, parentPid: Number(parent), state, startTicks };
}

/** @returns whether exactly this process is still alive, and not another one under its pid. */
export function isAlive(entry: Pick<ProcessEntry, "pid" | "startTicks">): boolean {
  return readProcess(entry.pid)?.startTicks === entry.startTicks;
}

/** @returns the process's pid in each PID namespace, outermost first; empty where it has ended. */
export function namespacePids(pid: number): number[] {
  const status = nullOn(unreadable, () => readFileSync(`/proc/${pid}/status`, "utf8"));
  const line = /^NSpid:\s*(.*)$/m.exec(status ?? "");
  return (line?.[1] ?? "").split(/\s+/).filter(Boolean).map(Number);
}

export function carriesTag(pid: number, tag: ProcessTag): boolean {
  const environ = nullOn(unreadable, () => readFileSync(`/proc/${pid}/environ`, "latin1"));
  if (environ === null || environ === "") return false;
  const entry = `\0${tag.variable}=${tag.value}`;
  return `\0${environ}\0`.includes(tag.match === "exact" ? `${entry}\0` : entry);
}

/**
 * @param tag what to look for in each process's environment.
 * @param members processes that belong for another reason, such as those of a cgroup.
 * @returns those alive, with all their descendants, never this process itself.
 */
export function findProcesses(tag: ProcessTag, members: readonly number[] = []): ProcessEntry[] {
  const entries = listProcesses();
  const member = new Set(members);
  const found = new Set<number>();
  for (const { pid } of entries) {
    if (member.has(pid) || carriesTag(pid, tag)) found.add(pid);
  }
  found.delete(process.pid);
  addDescendants(entries, found);
  found.delete(process.pid);
  return entries.filter((entry) => found.has(entry.pid));
}

function addDescendants(entries: readonly ProcessEntry[], found: Set<number>): void {
  const children = new Map<number, number[]>();
  for (const { pid, parentPid } of entries) {
    const siblings = children.get(parentPid);
    if (siblings === undefined) children.set(parentPid, [pid]);
    else siblings.push(pid);
  }
  // A set that grows while it is walked is walked to its new end.
  for (const pid of found) {
    for (const child of children.get(pid) ?? []) found.add(child);
  }
}
