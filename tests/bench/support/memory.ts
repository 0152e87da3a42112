/** Memory of a whole process tree, as the kernel accounts it: proportional set sizes, so that shared pages count once. */
import { readFileSync, readdirSync } from "node:fs";

/** @returns bytes of PSS of the process and all its descendants, now. Linux only. */
export function treeMemoryBytes(rootPid: number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = /^PPid:\s+(\d+)/m.exec(read(`/proc/${name}/status`))?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const inTree = (pid: number): boolean => pid === rootPid || (parents.has(pid) && inTree(parents.get(pid) ?? 0));
  const pids = [...parents.keys()].filter((pid) => inTree(pid));
  return pids.reduce((sum, pid) => sum + pssBytes(pid), 0);
}

function pssBytes(pid: number): number {
  const kib = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1];
  return Number(kib ?? 0) * 1024;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
