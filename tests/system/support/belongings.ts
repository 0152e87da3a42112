/**
 * The processes of one data directory: all that carry its path or its machine host's mark, all that ever shared a PID
 * namespace with one of those, and everything that descends from them. A process that emptied its environment and left
 * its parent is still found by its namespace, its working directory or a file that it holds.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import {
  descendantsOf,
  isAlive,
  openFiles,
  type ProcessEntry,
  readProcess,
  readProcessTable,
} from "./process-table.ts";

export interface NodeProcesses {
  readonly serverId: string;
  /** The VM agent itself, or the shell that is about to become it; null while there is neither. */
  readonly vmAgent: ProcessEntry | null;
  /** What the machine host started for this server: bubblewrap, or the VM agent itself. */
  readonly first: ProcessEntry | null;
}

const lookedAtJustNowMs = 1_000;

export class Belongings {
  readonly #path: string;
  readonly #mark: string;
  /** PID namespaces with their members as last seen. A namespace is gone with its first process, and its number is used again. */
  readonly #namespaces = new Map<string, readonly ProcessEntry[]>();
  readonly #testsNamespace = readProcess(process.pid)?.pidNamespace ?? "";

  constructor(dataDirectory: string) {
    this.#path = dataDirectory;
    this.#mark = createHash("sha256").update(dataDirectory).digest("hex").slice(0, 16);
  }

  /** @returns what is alive of this data directory, the tests' own process excepted; as it was at most so long ago. */
  all(maxAgeMs = 0): readonly ProcessEntry[] {
    const table = readProcessTable(maxAgeMs).filter(({ pid }) => pid !== process.pid);
    const found = new Map(table.filter((entry) => this.#carriesMark(entry)).map((entry) => [entry.pid, entry]));
    for (const entry of this.#inOurNamespaces(table, [...found.values()])) found.set(entry.pid, entry);
    for (const entry of descendantsOf(table, [...found.keys()])) found.set(entry.pid, entry);
    return [...found.values()];
  }

  /** As `all`, and those that merely hold a file of it open: a slower look, for the end. */
  remains(): readonly ProcessEntry[] {
    const found = new Map(this.all().map((entry) => [entry.pid, entry]));
    for (const entry of readProcessTable(lookedAtJustNowMs)) {
      if (found.has(entry.pid) || entry.pid === process.pid) continue;
      if (openFiles(entry.pid).some((path) => path.startsWith(`${this.#path}/`))) found.set(entry.pid, entry);
    }
    return [...found.values()].filter(isAlive);
  }

  workerd(): ProcessEntry | null {
    const pid = Number(readText(join(this.#path, "workerd.pid")).trim());
    const entry = pid > 0 ? readProcess(pid) : null;
    return entry?.environment.get("SAM_WORKERD_PID_FILE") === join(this.#path, "workerd.pid") ? entry : null;
  }

  /** The nodes that have a process now. */
  nodes(): readonly NodeProcesses[] {
    const all = this.all();
    const servers = Map.groupBy(all, ({ environment }) => environment.get("SAM_SERVER_ID") ?? "");
    servers.delete("");
    return [...servers].map(([serverId, entries]) => {
      const pids = new Set(entries.map(({ pid }) => pid));
      const first = entries.find(({ parentPid }) => !pids.has(parentPid)) ?? null;
      const candidates = entries.filter(({ command }) => isVmAgent(command));
      // While it forks, its child bears its name for an instant.
      const vmAgent = candidates.find((one) => !candidates.some(({ pid }) => pid === one.parentPid)) ?? null;
      return { serverId, vmAgent, first };
    });
  }

  /** The processes that carry a task's mark in their environment, and all below them. */
  ofTask(taskId: string, maxAgeMs = 0): readonly ProcessEntry[] {
    const all = this.all(maxAgeMs);
    const marked = all.filter(({ environment }) => environment.get("SAM_TASK_ID") === taskId);
    return [
      ...new Set([
        ...marked,
        ...descendantsOf(
          all,
          marked.map(({ pid }) => pid),
        ),
      ]),
    ];
  }

  #inOurNamespaces(table: readonly ProcessEntry[], marked: readonly ProcessEntry[]): readonly ProcessEntry[] {
    for (const [namespace, members] of this.#namespaces) if (!members.some(isAlive)) this.#namespaces.delete(namespace);
    const own = new Set([...this.#namespaces.keys(), ...marked.map(({ pidNamespace }) => pidNamespace)]);
    own.delete(this.#testsNamespace);
    own.delete("");
    const inside = table.filter(({ pidNamespace }) => own.has(pidNamespace));
    for (const [namespace, members] of Map.groupBy(inside, ({ pidNamespace }) => pidNamespace)) {
      this.#namespaces.set(namespace, members);
    }
    return inside;
  }

  #carriesMark({ command, environment, workingDirectory }: ProcessEntry): boolean {
    if (environment.get("SAM_MACHINE_HOST")?.startsWith(`${this.#mark}:`) === true) return true;
    if (workingDirectory === this.#path || workingDirectory.startsWith(`${this.#path}/`)) return true;
    if (command.some((word) => word.includes(this.#path) || word.includes(`${this.#mark}:`))) return true;
    return [...environment.values()].some((value) => value.includes(this.#path));
  }
}

/** What runs the VM agent, or waits to become it; not the sandbox around it. */
function isVmAgent(command: readonly string[]): boolean {
  return !command.includes("--unshare-pid") && command.some((word) => word.endsWith("/vm-agent.mjs"));
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
