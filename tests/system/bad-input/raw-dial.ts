/** A WebSocket dialled by hand: what a refusal answers is seen, and anything at all can be sent. */
import { randomBytes } from "node:crypto";
import { request } from "node:http";

import type { Finisher } from "../support/sam-command.ts";
import { until } from "../support/until.ts";

const dialTimeoutMs = 10_000;

/** @returns the HTTP status that a dial is answered with; 101 where it was accepted. */
export function dialStatus(
  url: string,
  token: string | null,
  more: Readonly<Record<string, string>> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const dial = request(url, {
      signal: AbortSignal.timeout(dialTimeoutMs),
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": randomBytes(16).toString("base64"),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...more,
      },
    });
    dial.once("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    dial.once("upgrade", (response, socket) => {
      socket.destroy();
      resolve(response.statusCode ?? 0);
    });
    dial.once("error", reject);
    dial.end();
  });
}

/** A socket that was accepted, with all that came over it. */
export class RawSocket {
  readonly frames: string[] = [];
  closeCode: number | null = null;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", (event) => void this.frames.push(String(event.data)));
    socket.addEventListener("close", (event) => {
      this.closeCode = event.code;
    });
    socket.addEventListener("error", () => undefined);
  }

  static async open(test: Finisher, url: string, token: string): Promise<RawSocket> {
    const socket = new WebSocket(url.replace(/^http/, "ws"), { headers: { authorization: `Bearer ${token}` } });
    const raw = new RawSocket(socket);
    test.onTestFinished(async () => socket.close());
    await until("the dial is accepted", () => socket.readyState === WebSocket.OPEN);
    return raw;
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(data);
  }

  close(): void {
    this.#socket.close();
  }

  /** Sends, and waits for the one frame that answers. */
  async ask(data: string | Uint8Array<ArrayBuffer>): Promise<unknown> {
    const before = this.frames.length;
    this.send(data);
    const report = () => `close code ${this.closeCode}; ${this.frames.slice(before).join("\n")}`;
    const answer = await until("a frame answers", () => this.frames[before], { report });
    return JSON.parse(answer);
  }
}
