/**
 * The machine host is what stands behind the `local` provider on a developer's own machine: a small cloud whose servers are
 * sandboxed process trees with a disk of their own. They live and die with it, as machines with their power; their disks
 * and what was asked for stay, and the next start boots them again.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { isAbsolute, join } from "node:path";

import type { Isolation } from "@sam/domain/isolation";

import { AgentInstaller } from "./agent-installer.ts";
import { ApiError } from "./api-error.ts";
import { type ApiHost, route } from "./api-routes.ts";
import { messageOf } from "./errno.ts";
import { defaultTimings, type ExtraAgents, type HostContext, type Programs, type Timings } from "./host-context.ts";
import { type HostEnvironment, readHostEnvironment } from "./host-environment.ts";
import { hostMark } from "./host-mark.ts";
import { type IsolationInForce, probeIsolation } from "./isolation-probe.ts";
import { machineMemoryBytes } from "./machine-types.ts";
import { removeProcesses } from "./process-removal.ts";
import { residentsOf } from "./residents.ts";
import type { ServerLimits } from "./server-cgroup.ts";
import { ServerDisks } from "./server-disks.ts";
import { ServerRegistry } from "./server-registry.ts";
import type { Server } from "./server.ts";
import { findToolchains, isWithin, type Toolchains } from "./toolchains.ts";
import { WardenProcess } from "./warden-process.ts";

export interface MachineHostOptions {
  /** Absolute; the machine host keeps everything below `<dataDir>/machine-host`. Hidden from servers. */
  readonly dataDir: string;
  readonly programs: Programs;
  /** Their programs must be where servers can see them. */
  readonly extraAgents?: ExtraAgents;
  /** Where agents are installed, once for all servers; absolute. Default: `<dataDir>/agents`. */
  readonly agentCache?: string;
  /** `plain`: no sandbox even where one can be had. Default: auto. */
  readonly isolation?: "auto" | "plain";
  /** Whether servers reach the control plane by lines that `cutNetwork` can cut. Default: no. */
  readonly hasLines?: boolean;
  /** How many servers there may be at once. Default: 4. */
  readonly maxServers?: number;
  /** Of one server. Default: three quarters of the machine's memory, 4096 processes and threads, as much CPU as is free. */
  readonly limits?: Partial<ServerLimits>;
  /** Further paths of this machine that servers may read, such as a toolchain that isn't found by itself. */
  readonly readOnlyPaths?: readonly string[];
  readonly timings?: Partial<Timings>;
  readonly consoleMaxBytes?: number;
  /** Default: this process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** One line for each thing that a person may want to know. */
  readonly log?: (line: string) => void;
}

export interface MachineHost {
  /** The API. It never rejects; before `start` and after `stop` it answers 503 `service_unavailable`. */
  handle(request: Request): Promise<Response>;
  /** The base URL that VM agents dial; needed before `start`. It counts from each server's next boot on. */
  setControlUrl(url: string): void;
  /** Ends what a former machine host of this data directory left behind, then boots every server that is on disk. */
  start(): Promise<void>;
  /**
   * Asks the VM agents to end, and then ends every process. Idempotent.
   * @returns the ids of servers for which it could not be proven within the deadline; empty is the proof.
   */
  stop(): Promise<StopReceipt>;
  /** What is in force; null before `start`. */
  isolation(): Isolation | null;
  /** A test control: kills a server's VM agent with all of its processes. Resolves when the next one runs. */
  killVmAgent(serverId: string): Promise<void>;
  /** A test control: cuts a server off the control plane. Resolves when that is over. */
  cutNetwork(serverId: string, durationMs: number): Promise<void>;
}

export interface StopReceipt {
  readonly unprovenServers: readonly string[];
}

const defaultPidsLimit = 4_096;
const defaultMemoryShare = 0.75;
const defaultConsoleBytes = 1_000_000;
const leftoverDeadlineMs = 10_000;
const wardenDeadlineMs = 5_000;

export function createMachineHost(options: MachineHostOptions): MachineHost {
  if (process.platform !== "linux") {
    throw new Error(
      "The machine host needs Linux: only its /proc can prove that no process stays behind. Use a Linux VM, container or WSL 2.",
    );
  }
  for (const path of [options.dataDir, agentCacheOf(options)]) {
    if (!isAbsolute(path)) throw new RangeError(`it must be an absolute path: ${path}`);
  }
  return new LocalMachineHost(options);
}

/** What `sam doctor` asks: the isolation that a machine host with these options would have. It leaves nothing behind. */
export async function inspectIsolation(options: Omit<MachineHostOptions, "programs">): Promise<Isolation> {
  return (await probe(options, [], options.dataDir)).inForce.report;
}

class LocalMachineHost implements MachineHost {
  readonly #options: MachineHostOptions;
  readonly #log: (line: string) => void;
  #controlUrl: string | null = null;
  #api: ApiHost | null = null;
  #context: HostContext | null = null;
  #warden: WardenProcess | null = null;
  #stopping: Promise<StopReceipt> | null = null;

  constructor(options: MachineHostOptions) {
    this.#options = options;
    this.#log = options.log ?? (() => undefined);
  }

  isolation(): Isolation | null {
    return this.#context?.isolation ?? null;
  }

  setControlUrl(url: string): void {
    this.#controlUrl = url;
  }

  killVmAgent(serverId: string): Promise<void> {
    return this.#server(serverId).killVmAgent();
  }

  cutNetwork(serverId: string, durationMs: number): Promise<void> {
    return this.#server(serverId).cutNetwork(durationMs);
  }

  async handle(request: Request): Promise<Response> {
    try {
      if (this.#api === null) throw new ApiError("service_unavailable", "the machine host is not up");
      return await route(this.#api, request);
    } catch (error) {
      if (error instanceof ApiError) return error.toResponse();
      this.#log(`${request.method} ${request.url}: ${messageOf(error)}`);
      return new ApiError("internal_error", "the machine host failed; its log says how").toResponse();
    }
  }

  async start(): Promise<void> {
    if (this.#controlUrl === null) throw new Error("setControlUrl comes before start: VM agents need it at boot");
    if (this.#context !== null) throw new Error("the machine host was started already");
    mkdirSync(join(this.#options.dataDir, "machine-host"), { recursive: true, mode: 0o700 });
    mkdirSync(agentCacheOf(this.#options), { recursive: true, mode: 0o755 });
    const dataDir = realpathSync(this.#options.dataDir);
    const agentCache = realpathSync(agentCacheOf(this.#options));
    const mark = hostMark(dataDir);
    const programs = realPrograms(this.#options.programs);
    const { vmAgent, runbook, gitRelay } = programs;
    const [{ inForce, toolchains, host, limits }] = await Promise.all([
      probe(this.#options, [vmAgent, runbook, gitRelay, agentCache], dataDir),
      this.#removeLeftovers(mark, join(dataDir, "machine-host/servers")),
    ]);
    requireNarrow(agentCache, [realHome(host), dataDir]);
    const nodePath = realpathSync(process.execPath);
    // A part that is new each time: the warden of a former machine host must not take our servers for its own.
    const hostTag = `${mark}:${randomBytes(8).toString("hex")}`;
    const context: HostContext = {
      nodePath,
      programs,
      lang: host.lang,
      extraAgents: this.#options.extraAgents ?? {},
      agentCache,
      agentInstaller: new AgentInstaller({
        nodePath,
        program: programs.agentInstaller,
        recipes: programs.agentRecipes,
        cache: agentCache,
        env: this.#options.env ?? process.env,
        hostTag,
        log: this.#log,
      }),
      toolchains,
      isolation: inForce.report,
      sandbox: inForce.sandbox,
      limits: inForce.limits,
      serverLimits: limits,
      hostTag,
      timings: { ...defaultTimings, ...this.#options.timings },
      consoleMaxBytes: this.#options.consoleMaxBytes ?? defaultConsoleBytes,
      controlUrl: () => this.#controlUrl ?? "",
      hasLines: this.#options.hasLines ?? false,
      log: this.#log,
    };
    this.#context = context;
    this.#open(context, dataDir);
  }

  stop(): Promise<StopReceipt> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  #server(serverId: string): Server {
    if (this.#api === null) throw new ApiError("service_unavailable", "the machine host is not up");
    return this.#api.registry.get(serverId);
  }

  #open(context: HostContext, dataDir: string): void {
    this.#warden = new WardenProcess({
      nodePath: context.nodePath,
      program: context.programs.warden,
      tag: context.hostTag,
      serversDirectory: join(dataDir, "machine-host/servers"),
      cgroupParents: "parents" in context.limits ? context.limits.parents.map(({ directory }) => directory) : [],
      log: this.#log,
    });
    const maxServers = this.#options.maxServers ?? 4;
    const servers = join(dataDir, "machine-host/servers");
    const registry = new ServerRegistry(context, servers, maxServers);
    const disks = new ServerDisks(servers, registry, context.log);
    const { limits, serverLimits, isolation } = context;
    registry.load();
    this.#api = { registry, disks, isolation, catalog: { dataDir, maxServers, limits, serverLimits } };
  }

  async #stop(): Promise<StopReceipt> {
    const api = this.#api;
    const context = this.#context;
    this.#api = null;
    if (api === null || context === null) return { unprovenServers: [] };
    const { stopGraceMs, removalMs } = context.timings;
    const [unprovenServers] = await Promise.all([
      api.registry.stop(stopGraceMs + 2 * removalMs),
      context.agentInstaller.stop(),
    ]);
    await this.#warden?.release(unprovenServers.length > 0, wardenDeadlineMs);
    return { unprovenServers };
  }

  /** Never two VM agents for one server: what a former machine host of this data directory left is gone before we boot. */
  async #removeLeftovers(mark: string, serversDirectory: string): Promise<void> {
    const proof = await removeProcesses({
      tag: { variable: "SAM_MACHINE_HOST", value: `${mark}:`, match: "prefix" },
      members: () => residentsOf(serversDirectory),
      deadlineMs: leftoverDeadlineMs,
    });
    if (proof.remaining.length > 0) {
      throw new Error(
        `processes of a former start can't be ended (pids ${proof.remaining.join(", ")}): end them and start again`,
      );
    }
    if (proof.killed > 0) this.#log(`ended ${proof.killed} processes that a former start left behind`);
  }
}

function agentCacheOf({ agentCache, dataDir }: Pick<MachineHostOptions, "agentCache" | "dataDir">): string {
  return agentCache ?? join(dataDir, "agents");
}

/** Servers see all of it. */
function requireNarrow(agentCache: string, hidden: readonly string[]): void {
  const shown = hidden.find((path) => isWithin(path, agentCache));
  if (shown === undefined) return;
  throw new Error(
    `agents can't be kept in ${agentCache}, which holds ${shown}: name a folder of its own (SAM_AGENT_CACHE)`,
  );
}

function realHome({ home }: HostEnvironment): string {
  return existsSync(home) ? realpathSync(home) : home;
}

function realPrograms(programs: Programs): Programs {
  return {
    vmAgent: realpathSync(programs.vmAgent),
    runbook: realpathSync(programs.runbook),
    gitRelay: realpathSync(programs.gitRelay),
    warden: realpathSync(programs.warden),
    agentInstaller: realpathSync(programs.agentInstaller),
    agentRecipes: realpathSync(programs.agentRecipes),
  };
}

async function probe(
  options: Omit<MachineHostOptions, "programs">,
  programPaths: readonly string[],
  dataDir: string,
): Promise<{ inForce: IsolationInForce; toolchains: Toolchains; host: HostEnvironment; limits: ServerLimits }> {
  const host = readHostEnvironment(options.env ?? process.env);
  const toolchains = findToolchains(host);
  const limits: ServerLimits = {
    memoryLimitBytes: options.limits?.memoryLimitBytes ?? Math.floor(machineMemoryBytes() * defaultMemoryShare),
    pidsLimit: options.limits?.pidsLimit ?? defaultPidsLimit,
    cpuLimit: options.limits?.cpuLimit ?? null,
  };
  const shown = [process.execPath, ...programPaths, ...(options.readOnlyPaths ?? [])];
  const readOnly = shown.map((path) => realpathSync(path));
  const mode = options.isolation ?? "auto";
  const inForce = await probeIsolation({
    mode,
    host,
    toolchains,
    limits,
    home: realHome(host),
    dataDir,
    readOnly,
  });
  return { inForce, toolchains, host, limits };
}
