/**
 * A machine is what a server of the provider really is: a disk, processes, a VM agent that is started again when it ends,
 * and a network that may be gone for a while. Power cuts take the processes; its destruction takes all of it.
 */
import type { NodeId, TaskId, WorkspaceId } from "@sam/domain/ids";
import { savedRefOf } from "@sam/domain/saved-work";
import type { Chance } from "@sam/domain/testing/seeded";
import type { UserData } from "@sam/protocol/user-data";

import type { Book } from "../book.ts";
import type { FaultGate } from "../network/fault-gate.ts";
import type { AgentEnd, NodeWire } from "../network/node-wire.ts";
import { inScene, type Life } from "../time/life.ts";
import type { VirtualTime } from "../time/virtual-time.ts";
import { short, type Trace } from "../trace.ts";
import { AgentProcess } from "./agent-process.ts";
import { MachineDisk, type Workspace } from "./disk.ts";
import type { Commit, Remote } from "./remote.ts";
import { pause } from "./work/pause.ts";

export interface MachinePorts {
  readonly time: VirtualTime;
  readonly gate: FaultGate;
  readonly chance: Chance;
  readonly trace: Trace;
  readonly book: Book;
  readonly remote: Remote;
  /** Between two looks of its VM agent at what it has to say again. */
  readonly tendMs: number;
  /** Starts a VM agent there. @returns its life. */
  readonly startVmAgent: (machine: Machine) => Life;
  /** Dials the control plane. @returns this end of the wire, which is still to open. */
  readonly dial: (machine: Machine, token: string) => AgentEnd;
  /** The agents that are alive on other machines. */
  readonly processesElsewhere: (machine: Machine) => readonly AgentProcess[];
}

export class Machine {
  readonly nodeId: NodeId;
  readonly serverId: string;
  readonly userData: UserData;
  readonly ports: MachinePorts;
  readonly disk = new MachineDisk();
  readonly wires = new Set<NodeWire>();
  processes: AgentProcess[] = [];
  vmAgent: Life | null = null;
  boots = 0;
  isOn = true;
  isPartitioned = false;
  /** What its clock is ahead of the world's. */
  clockAheadMs = 0;
  #pids = 100;
  #pieces = 0;

  constructor(serverId: string, userData: UserData, ports: MachinePorts) {
    this.serverId = serverId;
    this.userData = userData;
    this.nodeId = userData.nodeId;
    this.ports = ports;
  }

  /** Of the VM agent that was started last. */
  get bootId(): string {
    return `boot-${this.nodeId}-${this.boots}`;
  }

  /** Whoever watches over the VM agent starts it, now or after it has ended. */
  boot(): void {
    if (!this.isOn || this.vmAgent !== null) return;
    this.boots += 1;
    const life = this.ports.startVmAgent(this);
    this.vmAgent = life;
    life.whenOver(() => {
      if (this.vmAgent === life) this.vmAgent = null;
      for (const wire of this.wires) wire.closeUp();
      this.wires.clear();
      this.bootLater();
    });
  }

  bootLater(afterMs = 500 + 20_000 * this.ports.chance.next()): void {
    inScene(null, () => this.ports.time.after(afterMs, () => this.boot()));
  }

  killVmAgent(): void {
    this.ports.trace.note(() => `the VM agent of ${short(this.nodeId)} is killed`);
    this.vmAgent?.end();
  }

  /** Every process ends; the disk stays. */
  cutPower(): void {
    this.ports.trace.note(() => `${short(this.nodeId)} loses its power`);
    this.vmAgent?.end();
    for (const process of this.processes) process.end("SIGKILL");
    this.processes = [];
  }

  destroy(): void {
    if (!this.isOn) return;
    this.isOn = false;
    this.cutPower();
    this.ports.trace.note(() => `${short(this.nodeId)} is gone with its disk`);
    for (const id of this.unsaved()) this.ports.book.lostWithMachine.add(id);
    this.disk.wipe();
  }

  partition(forMs: number): void {
    if (this.isPartitioned) return;
    this.isPartitioned = true;
    this.ports.trace.note(() => `${short(this.nodeId)} cannot be reached for ${(forMs / 1_000).toFixed(0)} s`);
    this.ports.time.after(forMs, () => this.heal());
  }

  heal(): void {
    if (!this.isPartitioned) return;
    this.isPartitioned = false;
    for (const wire of this.wires) wire.heal();
  }

  spawn(taskId: TaskId, incarnation: number): AgentProcess {
    const others = [...this.alive(taskId), ...this.ports.processesElsewhere(this).filter((it) => it.taskId === taskId)];
    for (const { pid } of others) {
      this.ports.book.breach(9, taskId, `agent ${incarnation} is started while process ${pid} of it still runs`);
    }
    this.#pids += 1;
    const process = new AgentProcess(this.#pids, taskId, incarnation);
    this.processes.push(process);
    return process;
  }

  alive(taskId: TaskId): AgentProcess[] {
    return this.processes.filter((process) => process.isAlive && process.taskId === taskId);
  }

  /** SIGTERM, a grace, then none is left. */
  async endProcesses(taskId: TaskId): Promise<void> {
    if (this.alive(taskId).length === 0) return;
    await pause(this.ports.chance.below(2_000));
    for (const process of this.alive(taskId)) process.end("SIGTERM");
  }

  /** What ran before this boot is ended before anything else is done. */
  endLeftovers(): void {
    for (const process of this.processes) process.end("SIGKILL");
    this.processes = [];
  }

  hasWorkspace(taskId: TaskId): boolean {
    return this.workspaceOf(taskId) !== null;
  }

  workspaceOf(taskId: TaskId): Workspace | null {
    return [...this.disk.workspaces.values()].find((workspace) => workspace.taskId === taskId) ?? null;
  }

  /** An agent changes something in its workspace. */
  change(taskId: TaskId): void {
    const workspace = this.workspaceOf(taskId);
    if (workspace === null) return;
    this.#pieces += 1;
    const id = `${short(taskId)}-${this.boots}-${this.#pieces}`;
    workspace.uncommitted.push(id);
    this.ports.book.pieces.push({ id, taskId, nodeId: this.nodeId });
  }

  /** @returns whether the remote took it. */
  push(taskId: TaskId, ref: string, commit: Commit): boolean {
    const isTaken = this.ports.remote.push(ref, commit);
    this.ports.trace.note(() => `${commit.id} of ${short(taskId)} is ${isTaken ? "at the remote" : "refused"}`);
    if (isTaken) this.ports.book.pushes.push({ taskId, ref, commit: commit.id });
    return isTaken;
  }

  /** Saves into the mirror what no branch of the remote has. Again it is the same commit. @returns null: there is nothing. */
  save(taskId: TaskId, workspaceId: WorkspaceId): Commit | null {
    const { remote, book } = this.ports;
    const workspace = this.disk.workspaces.get(workspaceId);
    const pieces = workspace === undefined ? [] : [...workspace.committed, ...workspace.uncommitted];
    if (pieces.every((id) => remote.hasDelivered(id))) return null;
    const before = this.disk.mirror.get(taskId);
    if (before?.pieces.join() === pieces.join()) return before;
    const commit = remote.commit(pieces);
    this.disk.mirror.set(taskId, commit);
    book.saved.set(taskId, commit);
    book.savedIn.set(workspaceId, { ...commit, by: taskId });
    return commit;
  }

  /** Pushes what was saved to its own ref. @returns why the remote does not have it; null: it has. */
  pushSaved(taskId: TaskId, commitId: string): string | null {
    const { remote, gate, trace } = this.ports;
    const commit = this.disk.mirror.get(taskId);
    if (remote.isAway) return "the remote could not be reached";
    if (gate.happens("remoteRefuses")) return "the remote refused it";
    if (commit?.id !== commitId) return "the mirror does not have it";
    trace.note(() => `the saved work of ${short(taskId)} is at the remote`);
    remote.refs.set(savedRefOf(taskId), commit);
    return null;
  }

  /** What lies here, in workspaces and saved. */
  pieces(): string[] {
    const { workspaces, mirror } = this.disk;
    return [
      ...[...workspaces.values()].flatMap(({ committed, uncommitted }) => [...committed, ...uncommitted]),
      ...[...mirror.values()].flatMap(({ pieces }) => pieces),
    ];
  }

  /** What lies here and nowhere else. */
  unsaved(): string[] {
    return this.pieces().filter((id) => !this.ports.remote.holds(id));
  }
}
