/**
 * A stand-in for the control plane that speaks the real protocol over a real socket: it sends commands until they are
 * acknowledged, checks that every event comes once and in order, and can be told to misbehave.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

import type { TaskId } from "@sam/domain/ids";
import type { NodeCommandBody, NodeTaskEvent } from "@sam/domain/node-task";
import {
  upFrameSchema,
  type AgentGrant,
  type DownFrame,
  type TaskEventRecord,
  type UpFrame,
} from "@sam/protocol/node-channel";
import type { ForgottenWork, HeldWork } from "@sam/protocol/saved-work";
import { protocolVersion } from "@sam/protocol/version";
import { WebSocketServer, type WebSocket } from "ws";

import { waitFor } from "./wait-for.ts";

type EventOf<Type extends NodeTaskEvent["type"]> = Extract<NodeTaskEvent, { type: Type }>;
type Hello = Extract<UpFrame, { type: "hello" }>;
type Wanted = Extract<UpFrame, { type: "grant_wanted" }>;
type Heartbeat = Extract<UpFrame, { type: "heartbeat" }>;

/** Neither settings nor secrets. */
export const noGrant: AgentGrant = { model: null, baseUrl: null, modelKey: null, environment: {} };

export class ControlStandIn {
  readonly hellos: Hello[] = [];
  readonly heartbeats: Heartbeat[] = [];
  /** What broke a promise of the protocol; empty at the end of every test. */
  readonly violations: string[] = [];
  readonly dials: { readonly token: string; readonly status: number }[] = [];
  /** Ids of commands in the order of their acknowledgement, each as often as it came. */
  readonly commandAcks: string[] = [];
  /** What the dial must bring along. */
  token: string;
  acknowledgesEvents = true;
  answersHeartbeats = true;
  welcomes = true;
  heartbeatIntervalMs = 10_000;
  /** Called for every event when it comes for the first time, before it is acknowledged. */
  onEvent: (record: TaskEventRecord) => void = () => undefined;
  /** What is granted to whoever asks; null: nothing is answered, a text: it is refused in these words. */
  grant: AgentGrant | string | null = noGrant;
  readonly grantsWanted: Wanted[] = [];
  /** What the node said last of the work that lies on it. */
  held: HeldWork = { works: [], unsaved: [] };
  readonly forgotten: ForgottenWork[] = [];
  receivedFrames = 0;
  readonly #events = new Map<string, TaskEventRecord[]>();
  readonly #pending = new Map<string, DownFrame>();
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  #socket: WebSocket | null = null;
  #commandCount = 0;
  #epoch = 0;

  private constructor(token: string) {
    this.token = token;
    this.#http = createServer((_request, response) => response.writeHead(426).end());
    this.#http.on("upgrade", (request, socket, head) => this.#onUpgrade(request, socket, head));
  }

  static async start(token: string, port = 0): Promise<ControlStandIn> {
    const control = new ControlStandIn(token);
    const { promise, resolve } = Promise.withResolvers<void>();
    control.#http.listen(port, "127.0.0.1", resolve);
    await promise;
    return control;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  get isConnected(): boolean {
    return this.#socket !== null;
  }

  /** Sends a command, and again on every new connection until it is acknowledged. */
  command(taskId: TaskId, body: NodeCommandBody, commandId = `command-${(this.#commandCount += 1)}`): string {
    const frame: DownFrame = { type: "command", command: { commandId, taskId, body } };
    this.#pending.set(commandId, frame);
    this.send(frame);
    return commandId;
  }

  send(frame: DownFrame): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  sendRaw(text: string | Buffer): void {
    this.#socket?.send(text);
  }

  close(code: number): void {
    this.#socket?.close(code);
  }

  /** Ends the connection as a network does that breaks. */
  cut(): void {
    this.#socket?.terminate();
    this.#socket = null;
  }

  events(taskId: TaskId): readonly TaskEventRecord[] {
    return this.#events.get(taskId) ?? [];
  }

  eventsOf<Type extends NodeTaskEvent["type"]>(taskId: TaskId, type: Type): EventOf<Type>[] {
    return this.events(taskId).flatMap(({ event }) => (isOf(event, type) ? [event] : []));
  }

  /** @returns the first event of that type that fits, waiting for it. */
  async event<Type extends NodeTaskEvent["type"]>(
    taskId: TaskId,
    type: Type,
    fits: (event: EventOf<Type>) => boolean = () => true,
    timeoutMs = 15_000,
  ): Promise<EventOf<Type>> {
    try {
      return await waitFor(`${type} of ${taskId}`, () => this.eventsOf(taskId, type).find(fits), timeoutMs);
    } catch (error) {
      const seen = this.events(taskId).map(({ event }) =>
        event.type === "agent_update" ? event.type : JSON.stringify(event),
      );
      throw new Error(`${String(error)}; seen so far:\n${seen.slice(-20).join("\n")}`, { cause: error });
    }
  }

  /** The task comes back: its events are numbered from 1 again. */
  beginAnew(taskId: TaskId): void {
    this.#events.delete(taskId);
  }

  async connected(): Promise<void> {
    await waitFor("a connection", () => this.#socket !== null);
  }

  async stop(): Promise<void> {
    this.cut();
    for (const client of this.#sockets.clients) client.terminate();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#http.close(() => resolve());
    this.#http.closeAllConnections();
    await promise;
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const token = (request.headers.authorization ?? "").replace(/^Bearer /, "");
    const isKnown = token === this.token;
    this.dials.push({ token, status: isKnown ? 101 : 401 });
    if (!isKnown) {
      socket.end("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (accepted) => this.#onConnection(accepted));
  }

  #onConnection(socket: WebSocket): void {
    socket.on("message", (data, isBinary) => {
      if (isBinary || !Buffer.isBuffer(data)) this.violations.push("a binary frame");
      else this.#onFrame(socket, upFrameSchema.parse(JSON.parse(data.toString("utf8"))));
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (this.#socket === socket) this.#socket = null;
    });
  }

  #onFrame(socket: WebSocket, frame: UpFrame): void {
    this.receivedFrames += 1;
    switch (frame.type) {
      case "hello":
        this.hellos.push(frame);
        if (this.welcomes) this.#welcome(socket);
        return;
      case "events":
        for (const record of frame.events) this.#onRecord(record);
        if (this.acknowledgesEvents) this.acknowledge(frame.events);
        return;
      case "command_ack":
        this.commandAcks.push(frame.commandId);
        this.#pending.delete(frame.commandId);
        return;
      case "heartbeat":
        this.heartbeats.push(frame);
        if (this.answersHeartbeats) socket.send(JSON.stringify({ type: "heartbeat_ack" } satisfies DownFrame));
        return;
      case "grant_wanted":
        this.grantsWanted.push(frame);
        this.#answerGrant(frame);
        return;
      case "held_work":
        this.held = frame;
        return;
      case "saved_work_forgotten":
        this.forgotten.push(frame);
    }
  }

  #answerGrant({ requestId }: Wanted): void {
    if (this.grant === null) return;
    if (typeof this.grant === "string") this.send({ type: "grant_refused", requestId, detail: this.grant });
    else this.send({ type: "grant", requestId, grant: this.grant });
  }

  #welcome(socket: WebSocket): void {
    this.#epoch += 1;
    const { heartbeatIntervalMs } = this;
    const welcome: DownFrame = { type: "welcome", protocol: protocolVersion, epoch: this.#epoch, heartbeatIntervalMs };
    socket.send(JSON.stringify(welcome));
    this.#socket = socket;
    for (const frame of this.#pending.values()) socket.send(JSON.stringify(frame));
  }

  acknowledge(records: readonly Pick<TaskEventRecord, "taskId" | "seq">[]): void {
    const newest = new Map(records.map(({ taskId, seq }) => [taskId, seq]));
    for (const [taskId, seq] of newest) this.send({ type: "event_ack", taskId, seq });
  }

  #onRecord(record: TaskEventRecord): void {
    const known = this.#events.get(record.taskId) ?? [];
    this.#events.set(record.taskId, known);
    const twin = known[record.seq - 1];
    if (twin !== undefined) {
      if (JSON.stringify(twin) !== JSON.stringify(record))
        this.violations.push(`another event as ${record.seq} of ${record.taskId}`);
    } else if (record.seq === known.length + 1) {
      known.push(record);
      this.onEvent(record);
    } else {
      this.violations.push(`${record.seq} after ${known.length} of ${record.taskId}`);
    }
  }
}

function isOf<Type extends NodeTaskEvent["type"]>(event: NodeTaskEvent, type: Type): event is EventOf<Type> {
  return event.type === type;
}
