/**
 * The control plane of a world: the real logic of its objects, its real sweep and its real queries, on simulated storage.
 * It can be off for a while, as on a laptop whose lid was shut.
 */
import { channel } from "node:diagnostics_channel";

import type { NodeId } from "@sam/domain/ids";
import type { NodeFacts } from "@sam/domain/node-facts";
import type { Settings } from "@sam/domain/settings";
import { wholeFacts } from "@sam/domain/stored-facts";
import type { TaskFacts } from "@sam/domain/task-facts";
import type { Chance } from "@sam/domain/testing/seeded";
import type { Message } from "@sam/protocol/message";
import { downFrameSchema } from "@sam/protocol/node-channel";
import type { Provider } from "@sam/providers/provider";

import { databaseOf } from "../../../../apps/control/src/database/built-once.ts";
import { outagesOf, type Env } from "../../../../apps/control/src/env.ts";
import type { NodeIntent } from "../../../../apps/control/src/node/node-engine.ts";
import { NodeLifecycleLogic } from "../../../../apps/control/src/node/node-lifecycle-logic.ts";
import { providerOf } from "../../../../apps/control/src/node/node-provider.ts";
import { sweepWorldOf } from "../../../../apps/control/src/sweep/sweep-world.ts";
import { runSweep, sweep, sweepParts, type SweepReport } from "../../../../apps/control/src/sweep/sweep.ts";
import type { TaskIntent } from "../../../../apps/control/src/task/task-engine.ts";
import { TaskRunnerLogic } from "../../../../apps/control/src/task/task-runner-logic.ts";
import { TaskStream, type StreamSocket } from "../../../../apps/control/src/task/task-stream.ts";
import { createTaskWorld } from "../../../../apps/control/src/task/task-world.ts";
import type { Book } from "../book.ts";
import type { Replacements } from "../canaries/canary.ts";
import { MachineHost } from "../machine/machine-host.ts";
import type { Machine } from "../machine/machine.ts";
import type { FaultGate } from "../network/fault-gate.ts";
import { NodeWire, type ServerEnd } from "../network/node-wire.ts";
import type { Pace } from "../pace.ts";
import { MemoryConversation } from "../storage/memory-conversation.ts";
import { LifecycleDisk, MemoryLifecycleStore } from "../storage/memory-lifecycle-store.ts";
import { MemoryNodeBoots, MemoryNodeCommands, MemoryNodeTokens, NodeDisk } from "../storage/memory-node-stores.ts";
import type { D1Storage } from "../storage/simulated-d1.ts";
import { inScene, Life, sceneNow } from "../time/life.ts";
import type { VirtualTime } from "../time/virtual-time.ts";
import { short, type Trace } from "../trace.ts";
import { ObjectHost } from "./object-host.ts";
import { invoke, simulatedEnv } from "./simulated-env.ts";
import { TaskHistory } from "./task-history.ts";

export class TaskDisk {
  readonly lifecycle = new LifecycleDisk<TaskFacts, TaskIntent>();
  readonly messages: Message[] = [];
  readonly history = new TaskHistory();
  listeners: StreamListener[] = [];
}

/** A page that listens; its socket outlives the object's memory, and is lost where the object is aborted. */
export interface StreamListener extends StreamSocket {
  lost(): void;
}

export class NodeObjectDisk {
  readonly lifecycle = new LifecycleDisk<NodeFacts, NodeIntent>();
  readonly own = new NodeDisk();
  sockets: ServerEnd[] = [];
}

export interface ControlPorts {
  readonly time: VirtualTime;
  readonly gate: FaultGate;
  readonly chance: Chance;
  readonly trace: Trace;
  readonly book: Book;
  readonly storage: D1Storage;
  readonly settings: Settings;
  readonly pace: Pace;
  readonly provider: Provider;
  /** What a canary puts in place of our own parts. */
  readonly replaced: Replacements;
}

/** What a VM agent's dial learns of a refusal, by the way that Node's own client publishes it. */
const answers = channel("undici:request:headers");

export class ControlPlane {
  readonly tasks: ObjectHost<TaskRunnerLogic, TaskDisk>;
  readonly nodes: ObjectHost<NodeLifecycleLogic, NodeObjectDisk>;
  readonly env: Env;
  /** What its clock is ahead of the world's. */
  clockAheadMs = 0;
  readonly outages: { readonly from: number; readonly to: number }[] = [];
  sweeps = 0;
  readonly #ports: ControlPorts;
  readonly #streams = new WeakMap<TaskRunnerLogic, TaskStream>();
  #sweeping: Life | null = null;

  constructor(ports: ControlPorts) {
    this.#ports = ports;
    const { time, gate, trace } = ports;
    const clockAheadMs = () => this.clockAheadMs;
    this.env = this.#makeEnv();
    const shared = { time, gate, trace, clockAheadMs };
    this.tasks = new ObjectHost({
      ...shared,
      newDisk: () => new TaskDisk(),
      start: ({ id, disk }, life, alarm) => this.#startTask(id, disk, life, alarm),
      ended: ({ disk }) => {
        const listeners = disk.listeners;
        disk.listeners = [];
        for (const listener of listeners) listener.lost();
      },
    });
    this.nodes = new ObjectHost({
      ...shared,
      newDisk: () => new NodeObjectDisk(),
      start: ({ id, disk }, life, alarm) => this.#startNode(id, disk, life, alarm),
      ended: ({ disk }) => {
        for (const socket of disk.sockets) socket.wire.lose();
        disk.sockets = [];
      },
    });
  }

  get now(): number {
    return Math.floor(this.#ports.time.now + this.clockAheadMs);
  }

  get isOff(): boolean {
    return this.tasks.isOff;
  }

  taskFacts(taskId: string): TaskFacts | null {
    return this.tasks.objects.get(taskId)?.disk.lifecycle.facts ?? null;
  }

  /** The schedule fires. */
  runSweep(): void {
    if (this.isOff) return;
    this.sweeps += 1;
    const life = new Life(`sweep ${this.sweeps}`, () => this.clockAheadMs);
    this.#sweeping = life;
    const { replaced, pace } = this.#ports;
    const run = replaced.sweep ?? (pace.sweepsEverything ? sweep : sweepWhatThereIs);
    inScene({ life, call: "sweep" }, () => void run(this.env, this.now).catch(() => undefined));
  }

  switchOff(): void {
    this.#ports.trace.note(() => "the control plane is off");
    this.#sweeping?.end();
    this.tasks.switchOff();
    this.nodes.switchOff();
  }

  /** @param from when it was switched off, by its own clock. */
  switchOn(from: number): void {
    this.outages.push({ from, to: this.now });
    this.#ports.trace.note(() => "the control plane is on again");
    this.tasks.switchOn();
    this.nodes.switchOn();
  }

  jumpAhead(ms: number): void {
    this.#ports.trace.note(() => `the control plane's clock jumps ahead by ${(ms / 1_000).toFixed(0)} s`);
    this.clockAheadMs += ms;
    this.tasks.rearm();
    this.nodes.rearm();
  }

  /** A page opens the live stream of a task. @param after the last message that it was shown. */
  listen(taskId: string, after: number, listener: StreamListener): Promise<void> {
    return this.tasks.call(taskId, "stream", (logic) => {
      const facts = logic.facts();
      if (facts === null) throw new Error("there is no such task yet");
      this.tasks.object(taskId).disk.listeners.push(listener);
      this.#streams.get(logic)?.begin(listener, after, facts);
    });
  }

  unlisten(taskId: string, listener: StreamListener): void {
    const { disk } = this.tasks.object(taskId);
    disk.listeners = disk.listeners.filter((known) => known !== listener);
  }

  /** A VM agent dials in. @returns its end of the wire, which is still to open. */
  dial(machine: Machine, token: string): NodeWire {
    const { time, gate } = this.#ports;
    const { nodeId } = machine;
    const wire: NodeWire = new NodeWire({
      time,
      gate,
      isPartitioned: () => machine.isPartitioned,
      arrived: (end, text) => this.#arrived(nodeId, end, text),
      closed: (end) => this.#closed(nodeId, end),
      told: (from, text) => this.#told(nodeId, from, text),
    });
    machine.wires.add(wire);
    inScene(null, () =>
      time.after(5 + gate.delayMs(), () => {
        if (machine.isPartitioned || this.isOff) time.after(1_000, () => wire.agent.ended(1006, ""));
        else void this.#admit(machine, wire, token);
      }),
    );
    return wire;
  }

  async #admit(machine: Machine, wire: NodeWire, token: string): Promise<void> {
    const { nodeId } = machine;
    try {
      const status = await this.nodes.deliver(nodeId, "fetch", async ({ channel: end }) => {
        const admission = await end.admit(token);
        if (!admission.admitted) return admission.status;
        this.nodes.object(nodeId).disk.sockets.push(wire.server);
        end.begin(wire.server, admission.tokenAt);
        return 101;
      });
      if (status === 101) wire.down(() => wire.agent.opened());
      else {
        const path = `/api/node-channel/${nodeId}`;
        answers.publish({ request: { path }, response: { statusCode: status } });
        wire.agent.ended(1006, "");
      }
    } catch {
      wire.lose();
    }
  }

  #arrived(nodeId: NodeId, end: ServerEnd, text: string): void {
    const { gate, trace } = this.#ports;
    if (this.isOff) return;
    trace.note(() => `${short(nodeId)} hears ${text.slice(0, 160)}`);
    if (gate.happens("evicted")) this.nodes.end(nodeId, false);
    const heard = this.nodes.deliver(nodeId, "webSocketMessage", (logic) => logic.channel.message(end, text));
    const isOver = end.wire.speaksOn ? heard.then(() => this.#heardTheReplaced(nodeId, end)) : heard;
    isOver.catch(() => undefined);
  }

  /** Whatever a VM agent says after it was replaced, the answer is that it was. */
  #heardTheReplaced(nodeId: NodeId, { isOpen }: ServerEnd): void {
    if (!isOpen) return;
    this.#ports.book.breach(9, nodeId, "a VM agent that was replaced spoke, and is not told that it is ");
  }

  /** @returns what the VM agent is told. An acknowledgement lets it forget: what is acknowledged must be stored. */
  #told(nodeId: NodeId, { speaksOn }: NodeWire, text: string): string {
    if (speaksOn && !text.startsWith('{"type":"refused"')) {
      this.#ports.book.breach(9, nodeId, `a VM agent that was replaced is told ${text.slice(0, 60)}`);
    }
    if (text.startsWith('{"type":"welcome"')) return this.#paced(text);
    if (!text.startsWith('{"type":"event_ack"')) return text;
    const [, taskId = "", seq] = /"taskId":"(\w+)","seq":(\d+)/.exec(text) ?? [];
    const facts = this.taskFacts(taskId);
    const stored = facts?.nodeEventSeq ?? 0;
    // Once its machine is released they are numbered from 1 again.
    if (facts?.nodeId === nodeId && Number(seq) > stored) {
      this.#ports.book.breach(8, taskId, `event ${seq} is acknowledged, and ${stored} is stored`);
    }
    return text;
  }

  #paced(welcome: string): string {
    const frame = downFrameSchema.parse(JSON.parse(welcome));
    return JSON.stringify({ ...frame, heartbeatIntervalMs: this.#ports.pace.heartbeatMs });
  }

  #closed(nodeId: NodeId, end: ServerEnd): void {
    const { disk } = this.nodes.object(nodeId);
    disk.sockets = disk.sockets.filter((socket) => socket !== end);
  }

  #startTask(
    id: string,
    disk: TaskDisk,
    life: Life,
    alarm: ConstructorParameters<typeof TaskRunnerLogic>[0]["alarm"],
  ): TaskRunnerLogic {
    const { settings, trace, replaced, storage } = this.#ports;
    const conversation = new MemoryConversation(disk.messages);
    const store = new MemoryLifecycleStore(disk.lifecycle, life, wholeFacts, (before, commit) => {
      disk.history.note(before, commit, sceneNow()?.call ?? "", disk.lifecycle.outbox);
      for (const { to, cause } of commit.transitions) trace.note(() => `${short(id)} is ${to} (${cause})`);
    });
    const world = createTaskWorld(this.env, databaseOf(this.env), settings);
    const Logic = replaced.taskLogic ?? TaskRunnerLogic;
    const stream = new TaskStream(() => disk.listeners, conversation);
    const logic = new Logic({
      store: replaced.taskStore?.(store) ?? store,
      conversation,
      stream,
      world: replaced.taskWorld?.(world, storage) ?? world,
      settings,
      outages: outagesOf(this.env),
      clock: () => Date.now(),
      alarm: replaced.alarm?.(alarm) ?? alarm,
      report: (what, error) => trace.note(() => `${short(id)} reports ${what}: ${String(error).slice(0, 200)}`),
    });
    this.#streams.set(logic, stream);
    return logic;
  }

  #startNode(
    id: string,
    disk: NodeObjectDisk,
    life: Life,
    alarm: ConstructorParameters<typeof NodeLifecycleLogic>[0]["alarm"],
  ): NodeLifecycleLogic {
    const { settings, trace, replaced } = this.#ports;
    const store = new MemoryLifecycleStore(disk.lifecycle, life, wholeNodeFacts, (before, commit) => {
      this.#holdWhatItHolds(before, commit.facts);
      for (const { to, cause } of commit.transitions) trace.note(() => `${short(id)} is ${to} (${cause})`);
    });
    const commands = new MemoryNodeCommands(disk.own);
    const Logic = replaced.nodeLogic ?? NodeLifecycleLogic;
    return new Logic({
      store: replaced.nodeStore?.(store) ?? store,
      commands: replaced.commands?.(commands) ?? commands,
      tokens: new MemoryNodeTokens(disk.own, settings.nodeTokenMs),
      boots: new MemoryNodeBoots(disk.own),
      sockets: () => disk.sockets.filter(({ isOpen }) => isOpen),
      env: this.env,
      database: databaseOf(this.env),
      provider: () => providerOf(this.env),
      settings,
      outages: outagesOf(this.env),
      clock: () => Date.now(),
      alarm: replaced.alarm?.(alarm) ?? alarm,
      report: (what, error) => trace.note(() => `${short(id)} reports ${what}: ${String(error).slice(0, 200)}`),
    });
  }

  /** Rule 8: a node that is known to hold what is nowhere else does not go, unless its owner says so. */
  #holdWhatItHolds(before: NodeFacts | null, { request, state, failure, discards, holds }: NodeFacts): void {
    if (before === null || isGoing(before.state) || !isGoing(state) || discards) return;
    const [held] = holds;
    if (held === undefined) return;
    const what = `it is ${state} (${failure ?? "no failure"}), and holds a ${held.kind} of ${held.taskId}`;
    this.#ports.book.breach(8, request.nodeId, what);
  }

  #makeEnv(): Env {
    const { storage, gate, settings, provider, replaced } = this.#ports;
    return simulatedEnv({
      database: storage.binding(gate, replaced.sql ?? null),
      machineHost: new MachineHost(replaced.provider?.(provider) ?? provider),
      settings,
      outages: this.outages,
      callTask: (id, name, args) => this.tasks.call(id, name, (logic) => invoke(logic, name, args)),
      callNode: (id, name, args) => this.nodes.call(id, name, (logic) => invoke(logic, name, args)),
    });
  }
}

const { tokens: _tokens, reports: _reports, ...partsOfThisWorld } = sweepParts;

/** Without the parts that have nothing to look at here. */
function sweepWhatThereIs(env: Env, now: number): Promise<SweepReport> {
  return runSweep(sweepWorldOf(env), now, partsOfThisWorld);
}

function isGoing(state: NodeFacts["state"]): boolean {
  return state === "failed" || state === "destroying" || state === "destroyed";
}

function wholeNodeFacts(facts: NodeFacts): NodeFacts {
  return facts;
}
