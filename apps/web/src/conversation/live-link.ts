/**
 * A live link is a page's hold on the stream of one task: a WebSocket that is known to be heard, or dialled again. A
 * socket may stay open for minutes after its network is gone, so an answered `ping` decides, and not the socket.
 */

export const pingIntervalMs = 20_000;
/** Without an answer for so long the socket is connected in name only. */
export const pongTimeoutMs = 8_000;
const dialTimeoutMs = 10_000;
const firstDelayMs = 500;
const longestDelayMs = 15_000;

export type LinkState =
  | { readonly kind: "dialling"; readonly lostAt: number | null; readonly attempt: number }
  | { readonly kind: "live"; readonly since: number }
  | { readonly kind: "waiting"; readonly lostAt: number; readonly attempt: number; readonly dialsAt: number };

export interface LinkPorts {
  /** Opens a socket that goes on after what is held. */
  readonly dial: () => WebSocket;
  /** From 0 to 1, so that not every page dials at the same moment. */
  readonly random: () => number;
  readonly onFrame: (text: string) => void;
  readonly onState: (state: LinkState) => void;
}

type Timer = ReturnType<typeof setTimeout>;

export class LiveLink {
  readonly #ports: LinkPorts;
  #state: LinkState = { kind: "dialling", lostAt: null, attempt: 0 };
  #socket: WebSocket | null = null;
  #timer: Timer | null = null;
  #pongTimer: Timer | null = null;

  constructor(ports: LinkPorts) {
    this.#ports = ports;
  }

  start(): void {
    if (this.#socket === null && this.#timer === null) this.#dial({ lostAt: null, attempt: 0 });
  }

  stop(): void {
    this.#letGo();
  }

  /** Something speaks for a change: the network is back, or the page is seen again. It is looked at once. */
  wake(): void {
    if (this.#state.kind === "live") this.#ping();
    else if (this.#state.kind === "waiting") this.#dial(this.#state);
  }

  #dial({ lostAt, attempt }: { readonly lostAt: number | null; readonly attempt: number }): void {
    this.#letGo();
    this.#become({ kind: "dialling", lostAt, attempt });
    let socket: WebSocket;
    try {
      socket = this.#ports.dial();
    } catch {
      this.#lost();
      return;
    }
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#lost(), dialTimeoutMs);
    // A frame proves that we are heard; an open socket may be a proxy's.
    socket.addEventListener("message", (event: MessageEvent<unknown>) => {
      if (this.#socket === socket && typeof event.data === "string") this.#heard(event.data);
    });
    socket.addEventListener("close", () => {
      if (this.#socket === socket) this.#lost();
    });
  }

  #heard(text: string): void {
    this.#stopPongTimer();
    if (this.#state.kind !== "live") {
      this.#become({ kind: "live", since: Date.now() });
      this.#pingLater();
    }
    if (text !== "pong") this.#ports.onFrame(text);
  }

  #pingLater(): void {
    this.#stopTimer();
    this.#timer = setTimeout(() => this.#ping(), pingIntervalMs);
  }

  #ping(): void {
    if (this.#socket === null || this.#socket.readyState !== this.#socket.OPEN) {
      this.#lost();
      return;
    }
    this.#socket.send("ping");
    this.#pongTimer ??= setTimeout(() => this.#lost(), pongTimeoutMs);
    this.#pingLater();
  }

  #lost(): void {
    this.#letGo();
    const before = this.#state;
    const lostAt = before.kind === "live" ? Date.now() : (before.lostAt ?? Date.now());
    const attempt = before.kind === "live" ? 0 : before.attempt;
    const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** attempt) * (0.5 + this.#ports.random() / 2);
    const next = { lostAt, attempt: attempt + 1 };
    this.#become({ kind: "waiting", ...next, dialsAt: Date.now() + delayMs });
    this.#timer = setTimeout(() => this.#dial(next), delayMs);
  }

  #letGo(): void {
    this.#stopTimer();
    this.#stopPongTimer();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #stopPongTimer(): void {
    if (this.#pongTimer !== null) clearTimeout(this.#pongTimer);
    this.#pongTimer = null;
  }

  #become(state: LinkState): void {
    this.#state = state;
    this.#ports.onState(state);
  }
}
