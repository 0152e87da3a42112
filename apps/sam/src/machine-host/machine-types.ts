/**
 * The catalog of this machine: one machine type, `local`, which is the machine itself. Its figures are read from the
 * operating system at each asking, and nothing is rounded into a promise.
 */
import { statfs } from "node:fs/promises";
import { arch, availableParallelism, totalmem } from "node:os";

import type { LimitMechanism } from "./limit-mechanism.ts";
import type { ServerLimits } from "./server-cgroup.ts";

export const localMachineType = "local";
export const localLocation = "this-machine";

export interface MachineTypeView {
  readonly name: string;
  readonly description: string;
  readonly vcpu: number;
  readonly memoryBytes: number;
  /** The whole file system that the servers' disks are on; null where it can't be asked. */
  readonly diskBytes: number | null;
  readonly diskFreeBytes: number | null;
  readonly architecture: string;
  readonly locations: readonly string[];
  readonly monthlyPrice: { readonly amount: number; readonly currency: string };
  readonly maxServers: number;
  /** What is enforced for one server; null: nothing is. `per`: whether it bounds the server or each of its processes. */
  readonly serverLimits: {
    readonly memoryBytes: number;
    readonly pids: number | null;
    readonly cpus: number | null;
    readonly per: "server" | "process";
  } | null;
}

export interface CatalogView {
  readonly source: string;
  /** ISO 8601. */
  readonly readAt: string;
  readonly machineTypes: readonly MachineTypeView[];
}

export interface CatalogRequest {
  readonly dataDir: string;
  readonly maxServers: number;
  readonly limits: LimitMechanism;
  readonly serverLimits: ServerLimits;
}

/** What this machine has for processes: the memory of the machine, or the limit that this process itself is under. */
export function machineMemoryBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
}

export async function readCatalog(request: CatalogRequest): Promise<CatalogView> {
  const disk = await statfs(request.dataDir).catch(() => null);
  const type: MachineTypeView = {
    name: localMachineType,
    description: `This machine, shared between at most ${request.maxServers} servers. ${describeLimits(request)}`,
    vcpu: availableParallelism(),
    memoryBytes: machineMemoryBytes(),
    diskBytes: disk === null ? null : disk.blocks * disk.bsize,
    diskFreeBytes: disk === null ? null : disk.bavail * disk.bsize,
    architecture: arch(),
    locations: [localLocation],
    monthlyPrice: { amount: 0, currency: "USD" },
    maxServers: request.maxServers,
    serverLimits: limitsView(request),
  };
  const source = "this machine's operating system (CPUs this process may use, memory or its cgroup's limit, statfs)";
  return { source, readAt: new Date().toISOString(), machineTypes: [type] };
}

function limitsView({ limits, serverLimits }: CatalogRequest): MachineTypeView["serverLimits"] {
  const { memoryLimitBytes: memoryBytes, pidsLimit: pids, cpuLimit: cpus } = serverLimits;
  switch (limits.kind) {
    case "none":
      return null;
    case "prlimit":
      return { memoryBytes, pids: null, cpus: null, per: "process" };
    case "cgroup-v1":
    case "cgroup-v2":
      return { memoryBytes, pids, cpus, per: "server" };
  }
}

function describeLimits({ limits, serverLimits }: CatalogRequest): string {
  const memory = `${serverLimits.memoryLimitBytes} bytes of memory`;
  switch (limits.kind) {
    case "none":
      return "No limit is enforced: one server can take all of it.";
    case "prlimit":
      return `Each process may hold ${memory}; a server as a whole is not limited.`;
    case "cgroup-v1":
    case "cgroup-v2":
      return `Each server may hold ${memory} and ${serverLimits.pidsLimit} processes and threads.`;
  }
}
