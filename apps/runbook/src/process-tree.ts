/**
 * The process tree of a session is every process that its blocks started, also those that left their process group or
 * outlived their parent: they carry the session's tag in their environment (RUNBOOK_TAG), and what they start inherits it.
 * A process that clears its environment is found while its parent or its terminal session is still known. Where there is
 * no /proc (macOS) only the process group of the running block is known.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export const TAG_VARIABLE = "RUNBOOK_TAG";
const HAS_PROC = existsSync("/proc/self/stat");

export interface TreeProcess {
  readonly pid: number;
  readonly parentPid: number;
  readonly sessionLeaderPid: number;
  /** Clock ticks since boot; with the pid it names one process for ever. */
  readonly startTicks: string;
  readonly command: string;
}

export interface Tree {
  /** Components of RUNBOOK_TAG that start so belong to the tree. */
  readonly tagPrefix: string;
  /** The shell of the block that runs now; it leads a session and a process group of its own. */
  readonly leaderPid?: number | undefined;
  /** Processes that were seen to belong to it, whatever their environment says. */
  readonly known?: readonly TreeProcess[] | undefined;
}

/** What is true after `endTree`: which processes are gone, and which did not go by its deadline. */
export interface TreeEnd {
  readonly ended: readonly TreeProcess[];
  readonly survivors: readonly TreeProcess[];
}

/** The processes of `tree` that run now; zombies do not count. */
export function processesOf(tree: Tree): TreeProcess[] {
  const all = allProcesses();
  const known = new Set(tree.known?.map(keyOf));
  const members = new Set(
    all.filter(
      (one) => one.sessionLeaderPid === tree.leaderPid || known.has(keyOf(one)) || hasTag(one.pid, tree.tagPrefix),
    ),
  );
  const pids = new Set([...members].map((one) => one.pid));
  for (let before = -1; before !== members.size;) {
    before = members.size;
    for (const one of all) {
      if (pids.has(one.parentPid) && !pids.has(one.pid)) {
        members.add(one);
        pids.add(one.pid);
      }
    }
  }
  return [...members].filter((one) => one.pid !== process.pid);
}

/** The process with this pid that runs now, if there is one. */
export function findProcess(pid: number): TreeProcess | undefined {
  return readProcess(pid);
}

/**
 * Ends the tree: SIGTERM, then from `graceMs` on SIGKILL, until nothing of it is found twice in a row or `deadlineMs`
 * (counted from the call) has passed. What it starts meanwhile is ended with it.
 */
export async function endTree(tree: Tree, graceMs: number, deadlineMs: number): Promise<TreeEnd> {
  const startedMs = performance.now();
  const seen = new Map<string, TreeProcess>();
  const asked = new Set<string>();
  let cleanScans = 0;
  for (let waitMs = 10; ; waitMs = Math.min(waitMs * 2, 80)) {
    for (const one of processesOf(tree)) {
      seen.set(keyOf(one), one);
    }
    const alive = [...seen.values()].filter(isAlive);
    const isGroupAlive = !HAS_PROC && tree.leaderPid !== undefined && signal(-tree.leaderPid, 0);
    const elapsedMs = performance.now() - startedMs;
    cleanScans = alive.length === 0 && !isGroupAlive ? cleanScans + 1 : 0;
    if (cleanScans === 2 || elapsedMs >= deadlineMs) {
      const survivors = new Set(alive);
      return { ended: [...seen.values()].filter((one) => !survivors.has(one)), survivors: alive };
    }
    const isGraceOver = elapsedMs >= graceMs;
    for (const one of alive) {
      if (isGraceOver || !asked.has(keyOf(one))) {
        asked.add(keyOf(one));
        signal(one.pid, isGraceOver ? "SIGKILL" : "SIGTERM");
      }
    }
    if (isGroupAlive && tree.leaderPid !== undefined) {
      signal(-tree.leaderPid, isGraceOver ? "SIGKILL" : "SIGTERM");
    }
    await sleep(Math.min(waitMs, Math.max(1, deadlineMs - elapsedMs)));
  }
}

function keyOf(one: TreeProcess): string {
  return `${one.pid}@${one.startTicks}`;
}

function isAlive(one: TreeProcess): boolean {
  return readProcess(one.pid)?.startTicks === one.startTicks;
}

/** False if it is gone since it was seen, or not ours to signal: the next scan tells which. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

function allProcesses(): TreeProcess[] {
  const names = HAS_PROC ? readdirSync("/proc") : [];
  return names.flatMap((name) => (/^\d+$/.test(name) ? (readProcess(Number(name)) ?? []) : []));
}

/** Fields of /proc/PID/stat, see proc_pid_stat(5): the command stands in parentheses and may hold any character. */
function readProcess(pid: number): TreeProcess | undefined {
  const stat = readProcFile(`/proc/${pid}/stat`);
  const open = stat.indexOf("(");
  const close = stat.lastIndexOf(")");
  const [state, parentPid, , sessionLeaderPid, ...rest] = stat.slice(close + 2).split(" ");
  const startTicks = rest[15];
  if (open === -1 || startTicks === undefined || state === "Z" || state === "X") {
    return undefined;
  }
  return {
    pid,
    parentPid: Number(parentPid),
    sessionLeaderPid: Number(sessionLeaderPid),
    startTicks,
    command: stat.slice(open + 1, close),
  };
}

function hasTag(pid: number, tagPrefix: string): boolean {
  const variable = readProcFile(`/proc/${pid}/environ`)
    .split("\0")
    .find((entry) => entry.startsWith(`${TAG_VARIABLE}=`));
  const tags = variable?.slice(TAG_VARIABLE.length + 1).split(",") ?? [];
  return tags.some((tag) => tag.startsWith(tagPrefix));
}

function readProcFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
