/**
 * The node channel: one WebSocket to the control plane, dialled by this node and dialled again whenever it ends or falls
 * silent. Everything that it carries is on disk before it is sent or acknowledged, so the node works on without it.
 */
import { closeCodes, downFrameSchema, type DownFrame, type UpFrame } from "@sam/protocol/node-channel";
import { heartbeatIntervalMs, maxFrameBytes, missedHeartbeats, protocolVersion } from "@sam/protocol/version";
import { z } from "zod";

import { clipHead, messageOf } from "../clipped-text.ts";
import { logFact } from "../log.ts";
import { DialBackoff } from "./dial-backoff.ts";
import { DialStatus } from "./dial-status.ts";
import type { ChannelSocket, Dial } from "./dial.ts";

export interface ChannelSettings {
  /** Full URL of the dial. */
  readonly url: URL;
  readonly refusedRedialMs: number;
  readonly welcomeMs: number;
  readonly dial: Dial;
}

/** What the rest of the VM agent does with the channel. */
export interface ChannelListener {
  /** The newest token, looked up for each dial. */
  token(): string;
  hello(): UpFrame;
  heartbeat(): UpFrame;
  onWelcome(socket: ChannelSocket, frame: Extract<DownFrame, { type: "welcome" }>): void;
  onFrame(frame: Exclude<DownFrame, { type: "welcome" | "heartbeat_ack" }>): Promise<void>;
  onDisconnect(): void;
  /** A newer boot of this node has taken over: nothing that we do counts any more. */
  onReplaced(): void;
}

interface Connection {
  readonly socket: ChannelSocket;
  readonly status: DialStatus;
  isWelcome: boolean;
  timer: NodeJS.Timeout;
  heardAtMs: number;
}

const openState = 1;

export class NodeChannel {
  readonly #settings: ChannelSettings;
  readonly #listener: ChannelListener;
  readonly #backoff = new DialBackoff();
  #connection: Connection | null = null;
  #redial: NodeJS.Timeout | null = null;
  #isStopped = false;

  constructor(settings: ChannelSettings, listener: ChannelListener) {
    this.#settings = settings;
    this.#listener = listener;
  }

  dial(): void {
    if (this.#isStopped || this.#connection !== null) return;
    this.#redial = null;
    const { url, welcomeMs, dial } = this.#settings;
    const status = new DialStatus(`${url.pathname}${url.search}`);
    const socket = dial(url, this.#listener.token());
    const timer = setTimeout(() => this.#lose(connection, "no welcome in time"), welcomeMs);
    const connection: Connection = { socket, status, timer, isWelcome: false, heardAtMs: performance.now() };
    this.#connection = connection;
    const ifCurrent = (act: () => void) => () => {
      if (this.#connection === connection) act();
    };
    socket.addEventListener(
      "open",
      ifCurrent(() => this.#send(connection, this.#listener.hello())),
    );
    socket.addEventListener("message", (event) => {
      if (this.#connection === connection) this.#onMessage(connection, event.data);
    });
    // `close` follows, and says more.
    socket.addEventListener("error", () => undefined);
    socket.addEventListener("close", (event) => {
      if (this.#connection === connection) this.#onClose(connection, event.code, event.reason);
    });
  }

  /** Sends a frame if there is a welcomed connection; whatever must arrive is kept elsewhere. */
  send(frame: UpFrame): void {
    if (this.#connection?.isWelcome === true) this.#send(this.#connection, frame);
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#redial !== null) clearTimeout(this.#redial);
    const connection = this.#connection;
    if (connection !== null) this.#drop(connection, 1000);
  }

  #send(connection: Connection, frame: UpFrame): void {
    if (connection.socket.readyState !== openState) return;
    connection.socket.send(JSON.stringify(frame));
  }

  #onMessage(connection: Connection, data: unknown): void {
    connection.heardAtMs = performance.now();
    const frame = parseFrame(data);
    if (frame === null) return;
    if (frame.type === "welcome") this.#onWelcome(connection, frame);
    else if (frame.type !== "heartbeat_ack") {
      this.#listener
        .onFrame(frame)
        .catch((error: unknown) => logFact("frame_failed", { type: frame.type, error: messageOf(error) }));
    }
  }

  #onWelcome(connection: Connection, frame: Extract<DownFrame, { type: "welcome" }>): void {
    if (frame.protocol !== protocolVersion) {
      logFact("protocol_differs", { theirs: frame.protocol, ours: protocolVersion });
      this.#drop(connection, closeCodes.protocol);
      this.#dialIn(this.#settings.refusedRedialMs);
      return;
    }
    clearTimeout(connection.timer);
    connection.isWelcome = true;
    this.#backoff.reset();
    logFact("connected", { epoch: frame.epoch });
    const intervalMs = Math.min(frame.heartbeatIntervalMs, heartbeatIntervalMs * 6);
    connection.timer = setInterval(() => this.#beat(connection, intervalMs), intervalMs);
    this.#listener.onWelcome(connection.socket, frame);
    this.#send(connection, this.#listener.heartbeat());
  }

  #beat(connection: Connection, intervalMs: number): void {
    if (performance.now() - connection.heardAtMs > intervalMs * missedHeartbeats) {
      this.#lose(connection, `nothing heard for ${missedHeartbeats} heartbeats`);
    } else {
      this.#send(connection, this.#listener.heartbeat());
    }
  }

  /** Connected in name only: nothing is awaited from this socket, not even its end. */
  #lose(connection: Connection, why: string): void {
    logFact("connection_given_up", { why });
    this.#drop(connection, closeCodes.silent);
    this.#dialIn(this.#backoff.nextMs());
  }

  #onClose(connection: Connection, code: number, reason: string): void {
    const { status } = connection.status;
    const wasWelcome = connection.isWelcome;
    this.#drop(connection, null);
    if (code === closeCodes.replaced) {
      logFact("replaced", { reason: clipHead(reason, 200) });
      this.#listener.onReplaced();
      return;
    }
    const isRefused =
      code === closeCodes.unauthorized || code === closeCodes.protocol || status === 401 || status === 403;
    const waitMs = isRefused ? this.#settings.refusedRedialMs : this.#backoff.nextMs();
    logFact(wasWelcome ? "disconnected" : "dial_failed", { code, httpStatus: status, redialMs: waitMs });
    this.#dialIn(waitMs);
  }

  #drop(connection: Connection, code: number | null): void {
    clearTimeout(connection.timer);
    connection.status.stop();
    this.#connection = null;
    this.#listener.onDisconnect();
    if (code === null) return;
    try {
      connection.socket.close(code);
    } catch (error) {
      logFact("close_failed", { error: messageOf(error) });
    }
  }

  #dialIn(waitMs: number): void {
    if (this.#isStopped) return;
    this.#redial = setTimeout(() => this.dial(), waitMs);
  }
}

/** @returns null for what is not of the protocol: it is logged without its content, and dropped. */
function parseFrame(data: unknown): DownFrame | null {
  if (typeof data !== "string" || Buffer.byteLength(data) > maxFrameBytes) {
    logFact("frame_dropped", { why: typeof data === "string" ? "too long" : "not a text" });
    return null;
  }
  try {
    const parsed = downFrameSchema.safeParse(JSON.parse(data));
    if (parsed.success) return parsed.data;
    logFact("frame_dropped", { why: clipHead(z.prettifyError(parsed.error), 500) });
  } catch {
    logFact("frame_dropped", { why: "not JSON" });
  }
  return null;
}
