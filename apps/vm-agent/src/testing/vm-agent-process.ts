/** A VM agent as a child process on a disk of the test: started, killed, started again. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { makeId, type NodeId } from "@sam/domain/ids";
import { ulid } from "ulid";

import type { Timings } from "../boot/settings.ts";
import type { Bundles } from "./bundles.ts";
import { waitFor } from "./wait-for.ts";

export interface VmAgentOptions {
  readonly bundles: Bundles;
  /** The node's disk. */
  readonly disk: string;
  readonly controlUrl: string;
  readonly token: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timings?: Partial<Timings>;
  /** A small file system of so many mebibytes, mounted at a folder below the disk ("" for the disk itself). */
  readonly smallDisk?: { readonly folder: string; readonly mebibytes: number };
}

export interface LogLine {
  readonly fact: string;
  readonly [field: string]: unknown;
}

const behaviours = ["well", "exits", "prints", "banner", "refuses", "hangs", "forgetful"];

export class VmAgentProcess {
  readonly nodeId: NodeId = makeId("node", ulid());
  readonly log: LogLine[] = [];
  readonly #options: VmAgentOptions;
  #child: ChildProcess | null = null;
  #exit: Promise<number | null> = Promise.resolve(null);

  constructor(options: VmAgentOptions) {
    this.#options = options;
    mkdirSync(options.disk, { recursive: true });
    mkdirSync(this.temporaryPath, { recursive: true });
    this.writeUserData(options.token);
  }

  /** Writes the machine's user data anew. */
  writeUserData(token: string, tokenExpiresAt = Date.now() + 3_600_000): void {
    const userData = { nodeId: this.nodeId, controlUrl: this.#options.controlUrl, token, tokenExpiresAt };
    writeFileSync(this.userDataPath, JSON.stringify(userData), { mode: 0o600 });
  }

  get userDataPath(): string {
    return `${this.#options.disk}.user-data.json`;
  }

  get temporaryPath(): string {
    return `${this.#options.disk}.tmp`;
  }

  /** Where the test agents note what happens to them. */
  get agentLogPath(): string {
    return `${this.#options.disk}.agents.log`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  start(): void {
    const { bundles, disk, env, timings } = this.#options;
    const agents = behaviours.map((behaviour) => [
      behaviour,
      { command: [process.execPath, bundles.testAgent, behaviour], env: { TEST_AGENT_LOG: this.agentLogPath } },
    ]);
    const [program = "", ...args] = this.#command([process.execPath, bundles.vmAgent]);
    const child = spawn(program, args, {
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: disk,
        TMPDIR: this.temporaryPath,
        GIT_CONFIG_NOSYSTEM: "1",
        SAM_USER_DATA: this.userDataPath,
        SAM_NODE_DISK: disk,
        SAM_EXTRA_AGENTS: JSON.stringify(Object.fromEntries(agents)),
        SAM_TIMINGS: JSON.stringify({ graceMs: 500, ...timings }),
        ...env,
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child = child;
    this.#readLog(child);
    const { promise, resolve } = Promise.withResolvers<number | null>();
    child.once("exit", (code) => resolve(code));
    this.#exit = promise;
  }

  /** In a mount namespace of its own, so that the small disk ends with the process; an ordinary user needs a user namespace too. */
  #command(command: readonly string[]): readonly string[] {
    const { smallDisk, disk } = this.#options;
    if (smallDisk === undefined) return command;
    const isRoot = process.getuid?.() === 0;
    const mount = 'mkdir -p "$0" && mount -t tmpfs -o "size=$1" tmpfs "$0" && shift && exec "$@"';
    const target = join(disk, smallDisk.folder);
    const namespaces = isRoot ? ["--mount"] : ["--mount", "--user", "--map-root-user"];
    return ["unshare", ...namespaces, "/bin/sh", "-c", mount, target, `${smallDisk.mebibytes}m`, ...command];
  }

  /** The path under which the test sees what the VM agent sees at `path`. */
  seen(path: string): string {
    return this.#options.smallDisk === undefined ? path : join("/proc", String(this.pid), "root", path);
  }

  /** Resolves to the exit code; null after a signal. */
  get exited(): Promise<number | null> {
    return this.#exit;
  }

  /** A power cut, as far as this process is concerned. */
  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#exit;
  }

  /** @returns the exit code. */
  async stop(): Promise<number | null> {
    this.#child?.kill("SIGTERM");
    return await this.#exit;
  }

  async fact(name: string, timeoutMs?: number): Promise<LogLine> {
    return await waitFor(`"${name}" in the log`, () => this.log.find((line) => line.fact === name), timeoutMs);
  }

  /** Every line is a JSON object with a time and a fact; anything else is kept as `not_a_fact`. */
  #readLog(child: ChildProcess): void {
    let rest = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      this.log.push(...lines.map(parseLine));
    });
  }
}

function parseLine(line: string): LogLine {
  try {
    const json: unknown = JSON.parse(line);
    if (typeof json === "object" && json !== null && "fact" in json && "at" in json) return json as LogLine;
  } catch {
    // Kept below.
  }
  return { fact: "not_a_fact", line };
}
