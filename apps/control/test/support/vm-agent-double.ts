/**
 * A VM agent for the tests of the Worker. It speaks the real node channel: it dials in with the token that the provider
 * was given for its server, says hello, acknowledges commands and keeps its events until they are acknowledged. Unlike a
 * real one it can be told to lose acknowledgements, to say everything twice, or to say nothing at all.
 */
import type { NodeId, TaskId } from "@sam/domain/ids";
import type { NodeCommand, NodeCommandBody, NodeTaskEvent } from "@sam/domain/node-task";
import { downFrameSchema, type DownFrame, type TaskEventRecord, type UpFrame } from "@sam/protocol/node-channel";
import { nodeTaskEventSchema } from "@sam/protocol/node-task-event";
import { userDataSchema } from "@sam/protocol/user-data";
import { protocolVersion } from "@sam/protocol/version";
import { exports } from "cloudflare:workers";
import { ulid } from "ulid";

import { double, eventually } from "./world.ts";

export interface Habits {
  /** Acknowledges each command as soon as it arrives. */
  acksCommands: boolean;
  /** How often it sends each frame. */
  copies: number;
  /** Ends its half of a connection that the control plane closed; false: the line is dead, and nobody can know. */
  answersClose: boolean;
  /** The agents that it says it can start. */
  agents: readonly string[];
  /** Called for each command when it arrives for the first time. */
  onCommand: ((command: NodeCommand, agent: VmAgentDouble) => void) | null;
}

export type CommandOf<Type extends NodeCommandBody["type"]> = Extract<NodeCommandBody, { type: Type }>;

/** Dials the channel of a node, with whatever token. */
function dialChannel(nodeId: string, token: string | null): Promise<Response> {
  const headers = new Headers({ upgrade: "websocket" });
  if (token !== null) headers.set("authorization", `Bearer ${token}`);
  return exports.default.fetch(new Request(`http://control.test/api/node-channel/${nodeId}`, { headers }));
}

/** @returns the status with which a dial is answered. */
export async function dialStatus(nodeId: string, token: string | null): Promise<number> {
  const response = await dialChannel(nodeId, token);
  // An answer that nobody reads holds the object that gave it.
  if (response.webSocket === null) await response.text();
  return response.status;
}

/** @returns the token that the provider was given for this node's server. */
export async function tokenOfServer(nodeId: NodeId): Promise<string> {
  const { servers } = await double.state();
  const all = servers.map((server) => userDataSchema.parse(JSON.parse(server.userData)));
  const own = all.find((userData) => userData.nodeId === nodeId);
  if (own === undefined) throw new Error(`the provider has no server of ${nodeId}`);
  return own.token;
}

export class VmAgentDouble {
  readonly nodeId: NodeId;
  bootId = `boot-${ulid()}`;
  token: string;
  epoch = 0;
  closed: { readonly code: number; readonly reason: string } | null = null;
  /** Each frame of the control plane, as it came. */
  readonly frames: DownFrame[] = [];
  /** Each command once, in the order in which it first came. */
  readonly commands: NodeCommand[] = [];
  readonly voided = new Set<TaskId>();
  readonly habits: Habits = { acksCommands: true, copies: 1, answersClose: true, agents: ["runbook"], onCommand: null };
  #socket: WebSocket | null = null;
  readonly #seqs = new Map<TaskId, number>();
  #unacknowledged: TaskEventRecord[] = [];

  constructor(nodeId: NodeId, token: string) {
    this.nodeId = nodeId;
    this.token = token;
  }

  /** A VM agent that has just booted on its server, and that is connected and welcome. */
  static async boot(nodeId: NodeId, habits: Partial<Habits> = {}): Promise<VmAgentDouble> {
    const agent = new VmAgentDouble(nodeId, await tokenOfServer(nodeId));
    Object.assign(agent.habits, habits);
    await agent.connect();
    return agent;
  }

  get unacknowledged(): readonly TaskEventRecord[] {
    return this.#unacknowledged;
  }

  /** Opens the socket and says nothing. */
  async dial(): Promise<void> {
    const response = await dialChannel(this.nodeId, this.token);
    const socket = response.webSocket;
    if (socket === null) throw new Error(`refused with ${response.status}: ${await response.text()}`);
    this.closed = null;
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      if (this.#socket === socket) this.#hear(downFrameSchema.parse(JSON.parse(String(data))));
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (this.#socket === socket) this.closed = { code, reason };
      if (this.habits.answersClose) socket.close();
    });
    socket.accept();
  }

  /** Dials, says hello, waits to be welcome, and sends again what is not acknowledged. */
  async connect(): Promise<void> {
    await this.dial();
    const before = this.#count("welcome");
    this.hello();
    await eventually(
      "the welcome",
      () => this.#count("welcome"),
      (count) => count > before,
    );
    if (this.#unacknowledged.length > 0) this.send({ type: "events", events: this.#unacknowledged });
  }

  hello(): void {
    this.send({
      type: "hello",
      protocol: protocolVersion,
      bootId: this.bootId,
      vmAgentVersion: "double",
      isolation: { processes: "plain", limits: "none", reasons: ["a double"] },
      agents: [...this.habits.agents],
    });
  }

  /** Falls silent: what it says from now on is kept, and nothing is heard. */
  hangUp(): void {
    this.#socket?.close(1000, "hung up");
    this.#socket = null;
  }

  send(frame: UpFrame): void {
    for (let copy = 0; copy < this.habits.copies; copy += 1) this.sendRaw(JSON.stringify(frame));
  }

  sendRaw(data: string | ArrayBuffer): void {
    this.#socket?.send(data);
  }

  /** Reports events with the next seqs of that task, and keeps them until they are acknowledged. */
  report(taskId: TaskId, ...events: readonly NodeTaskEvent[]): TaskEventRecord[] {
    const records = events.map((event) => {
      const seq = (this.#seqs.get(taskId) ?? 0) + 1;
      this.#seqs.set(taskId, seq);
      return { taskId, seq, observedAt: Date.now(), event: nodeTaskEventSchema.parse(event) };
    });
    this.#unacknowledged.push(...records);
    if (records.length > 0) this.send({ type: "events", events: records });
    return records;
  }

  /** The task was torn down and comes back: its events are numbered from 1 again. */
  beginsAnew(taskId: TaskId): void {
    this.#seqs.delete(taskId);
    this.#drop((record) => record.taskId === taskId);
  }

  /** Reports events and waits until the control plane has stored them, or has said that the task is void. */
  async say(taskId: TaskId, ...events: readonly NodeTaskEvent[]): Promise<void> {
    this.report(taskId, ...events);
    await this.heard();
  }

  async heard(): Promise<void> {
    await eventually(
      "the acknowledgement of every event",
      () => this.#unacknowledged,
      (open) => open.length === 0,
    );
  }

  async heartbeat(workspaces: Extract<UpFrame, { type: "heartbeat" }>["workspaces"] = []): Promise<void> {
    const before = this.#count("heartbeat_ack");
    const size = { memoryTotalBytes: 4e9, memoryFreeBytes: 2e9, diskTotalBytes: 4e10, diskFreeBytes: 2e10 };
    this.send({ type: "heartbeat", load1: 0.5, ...size, workspaces });
    await eventually(
      "the answer to a heartbeat",
      () => this.#count("heartbeat_ack"),
      (count) => count > before,
    );
  }

  /** @returns the commands of this kind that came for the task, in their order. */
  commandsOf<Type extends NodeCommandBody["type"]>(taskId: TaskId, type: Type): CommandOf<Type>[] {
    const isOfType = (body: NodeCommandBody): body is CommandOf<Type> => body.type === type;
    return this.commands.flatMap((it) => (it.taskId === taskId && isOfType(it.body) ? [it.body] : []));
  }

  /** Waits for the nth command of this kind. */
  async command<Type extends NodeCommandBody["type"]>(taskId: TaskId, type: Type, nth = 1): Promise<CommandOf<Type>> {
    const found = await eventually(
      `${type} number ${nth}`,
      () => this.commandsOf(taskId, type),
      (commands) => commands.length >= nth,
    );
    const command = found[nth - 1];
    if (command === undefined) throw new Error(`no ${type}`);
    return command;
  }

  async untilClosed(): Promise<{ readonly code: number; readonly reason: string }> {
    const closed = await eventually(
      "the end of the connection",
      () => this.closed,
      (it) => it !== null,
    );
    if (closed === null) throw new Error("not closed");
    return closed;
  }

  framesOf<Type extends DownFrame["type"]>(type: Type): Extract<DownFrame, { type: Type }>[] {
    const isOfType = (frame: DownFrame): frame is Extract<DownFrame, { type: Type }> => frame.type === type;
    return this.frames.filter(isOfType);
  }

  #count(type: DownFrame["type"]): number {
    return this.frames.filter((frame) => frame.type === type).length;
  }

  #hear(frame: DownFrame): void {
    this.frames.push(frame);
    switch (frame.type) {
      case "welcome":
        this.epoch = frame.epoch;
        return;
      case "command":
        this.#take(frame.command);
        return;
      case "event_ack":
        this.#drop((record) => record.taskId === frame.taskId && record.seq <= frame.seq);
        return;
      case "void_task":
        this.voided.add(frame.taskId);
        this.#drop((record) => record.taskId === frame.taskId);
        return;
      case "token":
        this.token = frame.token;
        return;
      case "forget_saved_work":
      case "heartbeat_ack":
      case "grant":
      case "grant_refused":
      case "refused":
    }
  }

  #take(command: NodeCommand): void {
    const { commandId } = command;
    const isNew = !this.commands.some((known) => known.commandId === commandId);
    if (isNew) this.commands.push(command);
    if (this.habits.acksCommands) this.send({ type: "command_ack", commandId });
    if (isNew) this.habits.onCommand?.(command, this);
  }

  #drop(isDone: (record: TaskEventRecord) => boolean): void {
    this.#unacknowledged = this.#unacknowledged.filter((record) => !isDone(record));
  }
}
