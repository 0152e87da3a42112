/** A machine host for tests, with the stand-in VM agent, in a data directory of its own. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { buildSync } from "esbuild";

import type { ServerView } from "../api-routes.ts";
import type { Programs } from "../host-context.ts";
import { createMachineHost, type MachineHost, type MachineHostOptions } from "../machine-host.ts";
import { findProcesses, type ProcessEntry } from "../process-table.ts";

export const here = join(import.meta.dirname, "..");

/** Waits for a fact, looking again every few milliseconds. Throws when it hasn't come by the deadline. */
export async function until<Fact>(
  what: string,
  look: () => Fact | Promise<Fact>,
  deadlineMs = 20_000,
): Promise<NonNullable<Fact>> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const fact = await look();
    if (fact !== null && fact !== undefined && fact !== false) return fact;
    if (Date.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 15);
    });
  }
}

/** Made for one test file: directories and bundled programs that everyone may read, and that go away with it. */
export class TestBed {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), "sam-machine-host-")));
  readonly programs: Programs;
  readonly #hosts: MachineHost[] = [];
  #dataDirs = 0;

  constructor() {
    const bundled = (name: string): string => {
      const outfile = join(this.directory, "dist", `${name}.mjs`);
      const entryPoints = [join(here, `${name}.ts`)];
      buildSync({
        entryPoints,
        outfile,
        bundle: true,
        platform: "node",
        format: "esm",
        target: "node24",
        minify: true,
      });
      return outfile;
    };
    const runbook = join(this.directory, "runbook.mjs");
    writeFileSync(runbook, "");
    this.programs = {
      vmAgent: join(here, "testing/stand-in-vm-agent.ts"),
      runbook,
      gitRelay: bundled("git-relay"),
      warden: bundled("warden"),
      agentInstaller: join(here, "testing/stand-in-installer.ts"),
      agentRecipes: here,
    };
  }

  dataDir(): string {
    this.#dataDirs += 1;
    const path = join(this.directory, `data-${this.#dataDirs}`);
    mkdirSync(path);
    return path;
  }

  options(changes: Partial<MachineHostOptions> = {}): MachineHostOptions {
    return { dataDir: changes.dataDir ?? this.dataDir(), programs: this.programs, ...changes };
  }

  /** A started machine host; it is stopped with the bed. */
  async host(changes: Partial<MachineHostOptions> = {}): Promise<TestHost> {
    const options = this.options(changes);
    const host = createMachineHost(options);
    this.#hosts.push(host);
    host.setControlUrl("http://127.0.0.1:8787");
    await host.start();
    return new TestHost(host, options.dataDir);
  }

  async close(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.stop()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> & {
    readonly server?: ServerView;
    readonly servers?: readonly ServerView[];
    readonly error?: { readonly code: string; readonly message: string; readonly field?: string };
  };
}

export interface BootRecord {
  readonly port: number;
  readonly env: Record<string, string>;
  readonly cwd: string;
}

export interface RunResult {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class TestHost {
  readonly host: MachineHost;
  readonly dataDir: string;

  constructor(host: MachineHost, dataDir: string) {
    this.host = host;
    this.dataDir = dataDir;
  }

  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const init = body === undefined ? { method } : { method, body: text };
    const response = await this.host.handle(new Request(`http://machine-host${path}`, init));
    return { status: response.status, body: (await response.json()) as Answer["body"] };
  }

  async create(name: string, changes: Record<string, unknown> = {}): Promise<TestServer> {
    const body = { name, machineType: "local", location: "this-machine", labels: {}, userData: "{}", ...changes };
    const answer = await this.call("POST", "/v1/servers", body);
    if (answer.body.server === undefined) throw new Error(`create: ${JSON.stringify(answer)}`);
    return new TestServer(this, answer.body.server.id);
  }

  async running(name: string, changes: Record<string, unknown> = {}): Promise<TestServer> {
    const server = await this.create(name, changes);
    await server.boot(1);
    return server;
  }

  server(id: string): TestServer {
    return new TestServer(this, id);
  }

  stop(): ReturnType<MachineHost["stop"]> {
    return this.host.stop();
  }
}

export class TestServer {
  readonly #host: TestHost;
  readonly id: string;

  constructor(host: TestHost, id: string) {
    this.#host = host;
    this.id = id;
  }

  get directory(): string {
    return join(this.#host.dataDir, "machine-host/servers", this.id);
  }

  get disk(): string {
    return join(this.directory, "disk");
  }

  async status(): Promise<string | null> {
    const { body } = await this.#host.call("GET", `/v1/servers/${this.id}`);
    return body.server?.status ?? null;
  }

  boots(): BootRecord[] {
    return bootsOn(this.disk);
  }

  /** Waits until the VM agent has booted this many times and the machine host says that it runs. */
  async boot(count: number): Promise<BootRecord> {
    await until(`boot ${count} of ${this.id}`, () => this.boots().length >= count);
    await until(`${this.id} runs`, async () => (await this.status()) === "running");
    const boot = this.boots().at(-1);
    if (boot === undefined) throw new Error("no boot is recorded");
    return boot;
  }

  /** Runs a command where the VM agent is. */
  run(...command: string[]): Promise<RunResult> {
    const boot = this.boots().at(-1);
    if (boot === undefined) throw new Error("no boot is recorded");
    return runThrough(boot.port, command);
  }

  processes(): ProcessEntry[] {
    return processesOf(this.id);
  }
}

export async function runThrough(port: number, command: readonly string[]): Promise<RunResult> {
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    method: "POST",
    body: JSON.stringify({ command }),
    signal: AbortSignal.timeout(30_000),
  });
  return (await response.json()) as RunResult;
}

export function bootsOn(disk: string): BootRecord[] {
  const path = join(disk, "boots.jsonl");
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as BootRecord);
}

/** All that carry the server's tag, and what descends from them. */
export function processesOf(serverId: string): ProcessEntry[] {
  return findProcesses({ variable: "SAM_SERVER_ID", value: serverId, match: "exact" });
}

export function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

/** The VM agents among a server's processes; a child of one that has not become its own program yet is none. */
export function vmAgentsOf(serverId: string): number[] {
  const named = processesOf(serverId).filter((entry) =>
    /^\S*node\S* \S*stand-in-vm-agent\.ts/.test(commandLineOf(entry.pid)),
  );
  const pids = named.map((entry) => entry.pid);
  return named.filter((entry) => !pids.includes(entry.parentPid)).map((entry) => entry.pid);
}
