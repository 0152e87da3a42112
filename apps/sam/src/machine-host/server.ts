/**
 * A server is one sandboxed process tree with its own disk. It supervises the VM agent as a machine's init does: started
 * again when it ends, after every process of the boot before is proven gone, until the server is stopped or deleted.
 */
import { ApiError } from "./api-error.ts";
import { ConsoleLog } from "./console-log.ts";
import { DiskSocket } from "./disk-socket.ts";
import { messageOf } from "./errno.ts";
import type { HostContext } from "./host-context.ts";
import { InstallSession } from "./install-session.ts";
import { NodeLine } from "./node-line.ts";
import type { RemovalProof } from "./process-removal.ts";
import { RelaySession } from "./relay-session.ts";
import { type Boot, startBoot } from "./server-boot.ts";
import { ServerCgroup } from "./server-cgroup.ts";
import { clearProcesses, type DestructionProof, removeServerFiles } from "./server-clearing.ts";
import { bootEnvironment, resetTemporaryDirectory } from "./server-environment.ts";
import { type ServerPaths, type ServerRecord, writeRecord } from "./server-record.ts";
import { isDoneWithin, Signal } from "./signal.ts";

export type ServerStatus = "initializing" | "starting" | "running" | "off" | "deleting";

/** A boot takes a second; one that was killed is started again after a pause that may have grown. */
const nextBootMs = 60_000;

export class Server {
  readonly #context: HostContext;
  readonly #paths: ServerPaths;
  readonly #sockets: readonly DiskSocket[];
  /** Null: its VM agent dials the control plane itself. */
  readonly #line: NodeLine | null;
  readonly #console: ConsoleLog;
  /** Raised by whoever changes what is wanted of this server. */
  readonly #changed = new Signal();
  #record: ServerRecord;
  #status: ServerStatus = "initializing";
  #isStopping = false;
  #isRebootAsked = false;
  #lastProof: RemovalProof | null = null;
  #boot: Boot | null = null;
  /** Those who wait for the VM agent's next start. */
  #awaiting: (() => void)[] = [];

  constructor(context: HostContext, paths: ServerPaths, record: ServerRecord) {
    this.#context = context;
    this.#paths = paths;
    this.#record = record;
    this.#console = new ConsoleLog(paths.console, context.consoleMaxBytes);
    this.#sockets = this.#makeSockets();
    this.#line = context.hasLines ? new NodeLine(context.controlUrl) : null;
    if (this.#isDeleted()) this.#status = "deleting";
  }

  get record(): ServerRecord {
    return this.#record;
  }

  get status(): ServerStatus {
    return this.#status;
  }

  /** The proof that the last boot, or the server itself, left no process. Null before the first. */
  get lastProof(): RemovalProof | null {
    return this.#lastProof;
  }

  /** Runs the server until it is stopped or deleted. @returns the proof of its deletion, or null where it was stopped. */
  async run(): Promise<DestructionProof | null> {
    await this.#clearUntilProven(null, new ServerCgroup(this.#record.cgroups));
    await this.#supervise();
    await Promise.all([...this.#sockets.map((socket) => socket.close()), this.#line?.close()]);
    if (this.#isDeleted()) return this.#destroy();
    this.#status = "off";
    this.#console.close();
    return null;
  }

  /** Persists the intent first: a deletion that was accepted goes on after a power cut. */
  delete(): void {
    if (!this.#isDeleted()) this.#update({ wanted: "deleted" });
    this.#status = "deleting";
    this.#changed.raise();
  }

  stop(): void {
    this.#isStopping = true;
    this.#changed.raise();
  }

  reboot(): void {
    this.#isRebootAsked = true;
    this.#changed.raise();
  }

  /** Its VM agent ends as by a crash, and everything with it. Resolves when the next one runs. */
  async killVmAgent(): Promise<void> {
    const boot = this.#boot;
    if (boot === null || boot.hasEnded()) throw new ApiError("not_found", `no VM agent runs on ${this.#record.id}`);
    const next = Promise.withResolvers<void>();
    this.#awaiting.push(() => next.resolve());
    boot.kill();
    if (await isDoneWithin(next.promise, nextBootMs)) return;
    throw new Error(`no VM agent was started again on ${this.#record.id} within ${nextBootMs / 1000} s`);
  }

  /** Resolves when the cut is over. */
  async cutNetwork(durationMs: number): Promise<void> {
    if (this.#line === null) throw new ApiError("not_found", `${this.#record.id} has no line that can be cut`);
    await this.#line.cut(durationMs);
  }

  attachRepository(path: string): void {
    if (this.#record.repositories.includes(path)) return;
    this.#update({ repositories: [...this.#record.repositories, path] });
  }

  #makeSockets(): DiskSocket[] {
    const { hostTag, agentInstaller } = this.#context;
    const { relaySocket, installSocket } = this.#paths;
    const log = (line: string): void => this.#context.log(`${this.#record.id}: ${line}`);
    const attached = (): readonly string[] => this.#record.repositories;
    return [
      new DiskSocket({
        socket: relaySocket,
        name: "git relay",
        open: (connection) => new RelaySession(connection, { attached, hostTag }),
        log,
      }),
      new DiskSocket({
        socket: installSocket,
        name: "install socket",
        open: (connection) => new InstallSession(connection, agentInstaller),
        log,
      }),
    ];
  }

  #update(changes: Partial<ServerRecord>): void {
    const record = { ...this.#record, ...changes };
    writeRecord(this.#paths, record);
    this.#record = record;
  }

  #isDeleted(): boolean {
    return this.#record.wanted === "deleted";
  }

  #isWantedOn(): boolean {
    return !this.#isDeleted() && !this.#isStopping;
  }

  #isInterrupted(): boolean {
    return !this.#isWantedOn() || this.#isRebootAsked;
  }

  async #supervise(): Promise<void> {
    const { timings } = this.#context;
    let failures = 0;
    while (this.#isWantedOn()) {
      const startedAt = Date.now();
      this.#isRebootAsked = false;
      this.#setStatus("starting");
      await this.#bootOnce();
      if (Date.now() - startedAt > timings.steadyMs) failures = 0;
      const pauseMs = Math.min(timings.restartFirstMs * 2 ** failures, timings.restartMaxMs);
      failures += 1;
      if (await this.#changed.until(() => this.#isInterrupted(), pauseMs)) failures = 0;
    }
  }

  async #bootOnce(): Promise<void> {
    let boot: Boot | null = null;
    let cgroup = new ServerCgroup([]);
    try {
      cgroup = this.#makeCgroup();
      await Promise.all(this.#sockets.map((socket) => socket.listen()));
      boot = this.#start(cgroup, (await this.#line?.listen()) ?? this.#context.controlUrl());
      await this.#attend(boot);
    } catch (error) {
      this.#context.log(`${this.#record.id}: its VM agent could not be started: ${messageOf(error)}`);
    }
    this.#setStatus("starting");
    await this.#clearUntilProven(boot, cgroup);
  }

  /** Recorded before it is made, so that a later machine host finds the members of a group that this one lost. */
  #makeCgroup(): ServerCgroup {
    const { limits, serverLimits } = this.#context;
    if (limits.kind !== "cgroup-v1" && limits.kind !== "cgroup-v2") return new ServerCgroup([]);
    const cgroups = ServerCgroup.directoriesFor(limits.parents, this.#record.id);
    if (cgroups.join() !== this.#record.cgroups.join()) this.#update({ cgroups });
    return ServerCgroup.create(limits.parents, this.#record.id, serverLimits);
  }

  #start(cgroup: ServerCgroup, controlUrl: string): Boot {
    const { nodePath, programs, sandbox, limits, serverLimits, hostTag } = this.#context;
    const { id, name } = this.#record;
    resetTemporaryDirectory(this.#context, id);
    const tags = { SAM_SERVER_ID: id, SAM_MACHINE_HOST: hostTag };
    return startBoot({
      command: [nodePath, programs.vmAgent],
      environment: { ...bootEnvironment(this.#context, { id, paths: this.#paths, controlUrl }), ...tags },
      tags,
      hostname: name,
      disk: this.#paths.disk,
      sandbox,
      limits,
      serverLimits,
      joinFiles: cgroup.joinFiles,
      console: this.#console,
    });
  }

  /** Stays with a boot until it has ended, or until something else is wanted and its grace is over. */
  async #attend(boot: Boot): Promise<void> {
    this.#boot = boot;
    void boot.up.then(() => {
      if (boot.hasEnded()) return;
      this.#setStatus("running");
      for (const tell of this.#awaiting.splice(0)) tell();
    });
    void boot.ended.then(() => this.#changed.raise());
    await this.#changed.until(() => boot.hasEnded() || this.#isInterrupted(), null);
    if (boot.hasEnded() || this.#isDeleted()) return;
    boot.terminate();
    await this.#changed.until(() => boot.hasEnded() || this.#isDeleted(), this.#context.timings.stopGraceMs);
  }

  async #clearUntilProven(boot: Boot | null, cgroup: ServerCgroup): Promise<void> {
    this.#lastProof = await clearProcesses({
      context: this.#context,
      id: this.#record.id,
      disk: this.#paths.disk,
      boot,
      cgroup,
    });
  }

  async #destroy(): Promise<DestructionProof> {
    this.#setStatus("deleting");
    this.#console.close();
    const proof = this.#lastProof ?? { checkedAt: Date.now(), tookMs: 0, killed: 0, remaining: [] };
    return removeServerFiles(this.#context, this.#paths, this.#record, proof);
  }

  #setStatus(status: ServerStatus): void {
    this.#status = this.#isDeleted() ? "deleting" : status;
  }
}
