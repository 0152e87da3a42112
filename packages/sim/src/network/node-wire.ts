/**
 * A node's wire: one WebSocket between a VM agent and its NodeLifecycle, with both of its ends. Frames keep their order,
 * as TCP has it: in a partition they wait; where a connection breaks, what was on its way to the control plane may still
 * arrive, after its sender is gone or has dialled again.
 */
import type { NodeSocket } from "../../../../apps/control/src/node/node-socket.ts";
import type { ChannelSocket } from "../../../../apps/vm-agent/src/channel/dial.ts";
import { inScene, sceneNow, type Scene } from "../time/life.ts";
import type { VirtualTime } from "../time/virtual-time.ts";
import type { FaultGate } from "./fault-gate.ts";

const brokenCode = 1006;

/** The control plane's end, hibernatable: it and its attachment outlive the object's memory. */
export class ServerEnd implements NodeSocket {
  readonly wire: NodeWire;
  isOpen = true;
  #attachment: unknown = null;

  constructor(wire: NodeWire) {
    this.wire = wire;
  }

  send(text: string): void {
    if (!this.isOpen) throw new Error("the socket is closed");
    const told = this.wire.tells(text);
    this.wire.down(() => this.wire.agent.hear(told));
  }

  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.wire.down(() => this.wire.agent.ended(code, reason));
  }

  serializeAttachment(attachment: unknown): void {
    this.#attachment = JSON.parse(JSON.stringify(attachment));
  }

  deserializeAttachment(): unknown {
    return this.#attachment;
  }
}

interface SocketEvent {
  readonly data: unknown;
  readonly code: number;
  readonly reason: string;
}
type Listener = (event: SocketEvent) => void;

const nothing: SocketEvent = { data: null, code: 0, reason: "" };
/** As the WebSocket API counts them. */
const states = { connecting: 0, open: 1, closed: 3 } as const;

/** The VM agent's end. */
export class AgentEnd implements ChannelSocket {
  readonly bufferedAmount = 0;
  readyState: number = states.connecting;
  readonly #wire: NodeWire;
  readonly #scene: Scene | null = sceneNow();
  readonly #listeners = new Map<string, Listener[]>();

  constructor(wire: NodeWire) {
    this.#wire = wire;
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  send(text: string): void {
    if (this.readyState !== states.open) return;
    this.#wire.up(text);
  }

  close(): void {
    if (this.readyState === states.closed) return;
    this.readyState = states.closed;
    this.#wire.closeUp();
  }

  opened(): void {
    if (this.readyState !== states.connecting) return;
    this.readyState = states.open;
    this.#tell("open", nothing);
  }

  hear(data: string): void {
    if (this.readyState === states.open) this.#tell("message", { ...nothing, data });
  }

  ended(code: number, reason: string): void {
    if (this.readyState === states.closed) return;
    this.readyState = states.closed;
    this.#tell("error", nothing);
    this.#tell("close", { ...nothing, code, reason });
  }

  #tell(type: string, event: SocketEvent): void {
    if (this.#scene?.life.isOver === true) return;
    for (const listener of this.#listeners.get(type) ?? []) inScene(this.#scene, () => listener(event));
  }
}

export interface WirePorts {
  readonly time: VirtualTime;
  readonly gate: FaultGate;
  readonly isPartitioned: () => boolean;
  /** A frame has come to the control plane's end. */
  readonly arrived: (end: ServerEnd, text: string) => void;
  readonly closed: (end: ServerEnd) => void;
  /** The control plane sends a frame. @returns it, as it goes on its way. */
  readonly told: (wire: NodeWire, text: string) => string;
}

export class NodeWire {
  readonly agent: AgentEnd;
  readonly server: ServerEnd;
  /** Whoever speaks at its VM agent's end was replaced: what it says is heard after the control plane has closed its end, too. */
  speaksOn = false;
  readonly #ports: WirePorts;
  #upAt = 0;
  #downAt = 0;
  #waiting: (() => void)[] = [];

  constructor(ports: WirePorts) {
    this.#ports = ports;
    this.agent = new AgentEnd(this);
    this.server = new ServerEnd(this);
  }

  up(text: string): void {
    this.#upAt = this.#send(this.#upAt, () => {
      if (this.server.isOpen || this.speaksOn) this.#ports.arrived(this.server, text);
    });
    if (this.#ports.gate.happens("cut")) this.breakUp();
  }

  /** The control plane says something, whether it arrives or not. @returns what the VM agent is told. */
  tells(text: string): string {
    return this.#ports.told(this, text);
  }

  /** @param act what happens at the VM agent's end. */
  down(act: () => void): void {
    this.#downAt = this.#send(this.#downAt, act);
    if (this.#ports.gate.happens("cut")) this.breakUp();
  }

  closeUp(): void {
    this.#upAt = this.#send(this.#upAt, () => this.#closeServer());
  }

  /** The connection breaks: the VM agent learns it now; the control plane after what was on its way, or much later. */
  breakUp(): void {
    const { time } = this.#ports;
    time.after(0, () => this.agent.ended(brokenCode, ""));
    this.#upAt = Math.max(this.#upAt, time.now + this.#ports.gate.delayMs() * 4);
    this.closeUp();
  }

  /** The control plane is gone: its end is closed at once. */
  lose(): void {
    this.server.isOpen = false;
    this.#ports.time.after(0, () => this.agent.ended(brokenCode, ""));
  }

  /** The partition is over: what waited goes on its way, in its order. */
  heal(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const act of waiting) act();
  }

  #closeServer(): void {
    if (!this.server.isOpen) return;
    this.server.isOpen = false;
    this.#ports.closed(this.server);
  }

  #send(notBefore: number, act: () => void): number {
    const { time, gate, isPartitioned } = this.#ports;
    const at = Math.max(notBefore, time.now + gate.delayMs());
    inScene(null, () =>
      time.after(at - time.now, () => {
        if (isPartitioned() || this.#waiting.length > 0) this.#waiting.push(act);
        else act();
      }),
    );
    return at;
  }
}
