/** The process table is what the kernel says in /proc at one moment. Linux only. */
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  /** The process that leads its session. */
  readonly sessionId: number;
  /** In clock ticks since boot: with the pid it names one process for ever. */
  readonly startTicks: string;
  /** Ended, and only waits for its parent to read its exit status. */
  readonly isZombie: boolean;
}

/** @returns all processes that can be seen, in no order. One that ends during the look is left out. */
export function readProcessTable(): ProcessEntry[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
}

/** @returns null where there is no such process (any more). */
export function readProcess(pid: number): ProcessEntry | null {
  const stat = readProcFile(pid, "stat");
  if (stat === null) return null;
  // The command stands in parentheses and may hold anything, parentheses too; the fields follow its last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state = "", parentPid = "0", , sessionId = "0"] = fields;
  return {
    pid,
    parentPid: Number(parentPid),
    sessionId: Number(sessionId),
    startTicks: fields[19] ?? "",
    isZombie: state === "Z" || state === "X",
  };
}

/** The kernel's ticks are hundredths of a second on every architecture that Node runs on. */
const ticksPerSecond = 100;

/** @returns the time since boot, in the ticks in which processes tell their start. */
export function ticksNow(): number {
  const [seconds = "0"] = readFileSync("/proc/uptime", "latin1").split(" ");
  return Math.floor(Number(seconds) * ticksPerSecond);
}

/** @returns the text of a file of /proc/<pid>; null where the process has gone or may not be looked at. */
export function readProcFile(pid: number, name: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    return null;
  }
}
