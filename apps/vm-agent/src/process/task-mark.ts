/**
 * A task's mark is what each of its processes carries from its first: the variable SAM_TASK_ID, and a number in the
 * resource limit "file locks". The kernel has not enforced that limit since Linux 2.4, hands it on over fork and exec,
 * and shows it to everyone; so a process that has emptied its environment, started its own session and lost its parent
 * still carries it. It costs one shell that replaces itself.
 */
import { createHash } from "node:crypto";

import type { TaskId } from "@sam/domain/ids";

import { readProcFile, type ProcessEntry } from "./process-table.ts";

export const markVariable = "SAM_TASK_ID";

/** By these a machine host knows everything that a server has started; they are handed down, and are no secrets. */
export const ownershipTags: readonly string[] = ["SAM_SERVER_ID", "SAM_MACHINE_HOST"];

/** 48 bits of the task's id: two tasks of one machine do not share it by chance, and a shell's arithmetic holds it. */
export function markNumber(taskId: TaskId): string {
  return String(createHash("sha256").update(taskId).digest().readUIntBE(0, 6));
}

/** dash and busybox say `-w`, bash says `-x`. Where neither works the variable and the parentage remain. */
const markAndReplace = 'ulimit -w "$0" 2>/dev/null || ulimit -x "$0" 2>/dev/null; exec "$@"';

/** @returns the command line that runs `command` under the task's mark. */
export function markedCommand(taskId: TaskId, command: readonly string[]): string[] {
  return ["/bin/sh", "-c", markAndReplace, markNumber(taskId), ...command];
}

/** @returns the processes that carry the mark of one of the tasks or descend from one that does, zombies excepted. */
export function findMarked(table: readonly ProcessEntry[], taskIds: readonly TaskId[]): ProcessEntry[] {
  const found = new Set<number>();
  const isMarked = markTest(taskIds);
  const children = Map.groupBy(table, (entry) => entry.parentPid);
  const open = table.filter((entry) => entry.pid !== process.pid && isMarked(entry.pid));
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    if (found.has(entry.pid)) continue;
    found.add(entry.pid);
    open.push(...(children.get(entry.pid) ?? []));
  }
  return table.filter((entry) => found.has(entry.pid) && !entry.isZombie);
}

function markTest(taskIds: readonly TaskId[]): (pid: number) => boolean {
  const variables = taskIds.map((taskId) => `${markVariable}=${taskId}`);
  const numbers = new Set(taskIds.map((taskId) => markNumber(taskId)));
  return (pid) => {
    const soft = /^Max file locks\s+(\d+)\s/m.exec(readProcFile(pid, "limits") ?? "")?.[1];
    if (soft !== undefined && numbers.has(soft)) return true;
    const environment = (readProcFile(pid, "environ") ?? "").split("\0");
    return variables.some((variable) => environment.includes(variable));
  };
}
