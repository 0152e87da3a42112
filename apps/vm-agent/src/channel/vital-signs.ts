/** The vital signs of a node, looked up at the moment of the heartbeat. */
import { readFileSync } from "node:fs";
import { loadavg, totalmem, freemem } from "node:os";

import type { UpFrame } from "@sam/protocol/node-channel";

import type { TaskRoster } from "../task/task-roster.ts";
import { diskSpace } from "../workspace/disk-space.ts";

export function heartbeat(disk: string, roster: Pick<TaskRoster, "standing">): UpFrame {
  const space = diskSpace(disk);
  return {
    type: "heartbeat",
    load1: loadavg()[0] ?? 0,
    memoryTotalBytes: totalmem(),
    memoryFreeBytes: availableMemory(),
    diskTotalBytes: space.totalBytes,
    diskFreeBytes: space.freeBytes,
    workspaces: roster.standing(),
  };
}

/** What programs could still get: caches count as free. */
function availableMemory(): number {
  try {
    const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
    return kibibytes === undefined ? freemem() : Number(kibibytes) * 1024;
  } catch {
    return freemem();
  }
}
